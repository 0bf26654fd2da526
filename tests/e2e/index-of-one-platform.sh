#!/bin/bash
# The build argument BUILDKIT_MULTI_PLATFORM: an index, as BuildKit makes it, even of one platform; or never one.
. "$(dirname "$0")/common.inc"
printf 'FROM alpine:latest\nARG BUILDKIT_MULTI_PLATFORM\nRUN echo "$BUILDKIT_MULTI_PLATFORM" >/out\n' >Dockerfile
build --build-arg BUILDKIT_MULTI_PLATFORM=true -t app:1 --annotation index:a=b
quietly ninja oci
python3 - <<'P' >"$t/found"
import json
blob = lambda d: open('.kasane/out/oci/blobs/' + d.replace(':', '/'), 'rb').read()
top, = json.load(open('.kasane/out/oci/index.json'))['manifests']
index = json.loads(blob(top['digest']))
manifest, = index['manifests']
print(top['mediaType'], index['annotations'], manifest['platform']['os'], manifest['mediaType'])
P
equal "$(cat "$t/found")" "application/vnd.oci.image.index.v1+json {'a': 'b'} linux application/vnd.oci.image.manifest.v1+json"
equal "$(in_image out)" true
build --build-arg BUILDKIT_MULTI_PLATFORM=0
equal "$(in_image out)" 0
quietly ninja oci
grep -q 'image.manifest.v1+json' .kasane/out/oci/index.json || fail 'no image alone'
if gen --build-arg BUILDKIT_MULTI_PLATFORM=maybe >"$t/out" 2>&1; then fail 'taken for a boolean'; fi
contains "$t/out" 'error: invalid value "maybe" for BUILDKIT_MULTI_PLATFORM'
if gen --build-arg BUILDKIT_MULTI_PLATFORM=false --platform linux/amd64,linux/arm64 >"$t/out" 2>&1; then fail 'an index'; fi
contains "$t/out" 'error: BUILDKIT_MULTI_PLATFORM=false allows no index, and there are 2 platforms'
build --build-arg BUILDKIT_MULTI_PLATFORM=1
buildkit_options=(--opt build-arg:BUILDKIT_MULTI_PLATFORM=1)
same_as_buildkit
