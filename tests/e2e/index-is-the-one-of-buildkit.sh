#!/bin/bash
# Each image of an index, and each descriptor in it, is BuildKit's.
. "$(dirname "$0")/common.inc"
need_buildkit
cat >Dockerfile <<'D'
FROM --platform=$BUILDPLATFORM alpine:latest AS build
ARG TARGETPLATFORM
ARG TARGETARCH
ARG TARGETVARIANT
RUN echo "$TARGETPLATFORM $TARGETARCH $TARGETVARIANT" >/out
FROM scratch
ARG TARGETOS
COPY --from=build /out /$TARGETOS
COPY f /
LABEL a=b
D
echo f >f
build --platform=linux/amd64,linux/arm64/v8,linux/arm/v6
buildkit_options=(--opt platform=linux/amd64,linux/arm64/v8,linux/arm/v6)
for platform in linux/amd64 linux/arm64 linux/arm; do same_as_buildkit --platform $platform; done
python3 - "$t/bk.tar" <<'P'
import json, sys, tarfile
tar = tarfile.open(sys.argv[1])
def parts(read):
    top, = json.loads(read('index.json'))['manifests']
    index = json.loads(read('blobs/' + top['digest'].replace(':', '/')))
    assert top['size'] == len(read('blobs/' + top['digest'].replace(':', '/')))
    return top['mediaType'], index['mediaType'], [(m['mediaType'], m['platform']) for m in index['manifests']]
ours = parts(lambda n: open('.kasane/out/oci/' + n, 'rb').read())
theirs = parts(lambda n: tar.extractfile(n).read())
assert ours == theirs, (ours, theirs)
P
