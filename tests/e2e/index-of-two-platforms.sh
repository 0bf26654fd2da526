#!/bin/bash
# --platform=A,B: one index with an image for each; what is native and the same is run once.
. "$(dirname "$0")/common.inc"
cat >Dockerfile <<'D'
FROM --platform=$BUILDPLATFORM alpine:latest AS tool
RUN echo once >/once
FROM --platform=$BUILDPLATFORM alpine:latest AS build
ARG TARGETPLATFORM TARGETARCH TARGETVARIANT BUILDPLATFORM
RUN echo "$BUILDPLATFORM $TARGETPLATFORM $TARGETARCH $TARGETVARIANT" >/out
FROM scratch
COPY --from=build /out /
COPY --from=tool /once /
COPY f /
D
echo f >f
build --platform=linux/amd64,linux/arm64/v8,linux/arm/v7 -t app:1 --annotation index:a=b --annotation 'manifest[linux/arm64]:c=d' --annotation manifest-descriptor:e=f --annotation index-descriptor:g=h
equal "$(grep -c 'RUN echo once' "$t/edges")" 1
equal "$(grep -c 'RUN echo "' "$t/edges")" 3
equal "$(grep -cE '\] COPY f' "$t/edges")" 3
build_only
expect_no_work
python3 - <<'P' >"$t/found"
import json, tarfile, io, gzip
blob = lambda d: open('.kasane/out/oci/blobs/' + d.replace(':', '/'), 'rb').read()
top, = json.load(open('.kasane/out/oci/index.json'))['manifests']
print(top['mediaType'], top['annotations']['org.opencontainers.image.ref.name'], top['annotations']['g'])
index = json.loads(blob(top['digest']))
print(index['mediaType'], index['annotations'])
for m in index['manifests']:
    manifest = json.loads(blob(m['digest']))
    config = json.loads(blob(manifest['config']['digest']))
    print(m['platform'], m['annotations'], manifest.get('annotations'), config['architecture'], config.get('variant'))
    with tarfile.open(fileobj=io.BytesIO(blob(manifest['layers'][0]['digest']))) as tar:
        print(tar.extractfile('out').read().decode().strip())
P
host=$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')
equal "$(cat "$t/found")" "application/vnd.oci.image.index.v1+json 1 h
application/vnd.oci.image.index.v1+json {'a': 'b'}
{'architecture': 'amd64', 'os': 'linux'} {'e': 'f'} None amd64 None
linux/$host linux/amd64 amd64
{'architecture': 'arm64', 'os': 'linux'} {'e': 'f'} {'c': 'd'} arm64 None
linux/$host linux/arm64 arm64
{'architecture': 'arm', 'os': 'linux', 'variant': 'v7'} {'e': 'f'} None arm v7
linux/$host linux/arm/v7 arm v7"

# An edit of one file: three COPYs, three layers, three images, one index.
echo g >f
build_only
equal "$(wc -l <"$t/edges")" 10
# One platform's RUN can be built by its name.
build_only stage/linux-arm64/build
expect_no_work

# Others read it.
quietly skopeo inspect --raw oci:.kasane/out/oci:1
quietly skopeo copy -q --all oci:.kasane/out/oci:1 "oci:$t/copy:1"
for arch in amd64 arm64; do
  quietly skopeo copy -q --override-arch $arch oci:.kasane/out/oci:1 "oci:$t/$arch:1"
  quietly umoci unpack --image "$t/$arch:1" "$t/unpacked-$arch"
  equal "$(cat "$t/unpacked-$arch/rootfs/out")" "$(printf 'linux/%s linux/%s %s' "$host" $arch $arch) "
done
quietly ninja archive
equal "$(skopeo inspect --raw "oci-archive:.kasane/out/image.tar:1" | python3 -c 'import json,sys; print(len(json.load(sys.stdin)["manifests"]))')" 3
test_podman load -q -i .kasane/out/image.tar >/dev/null
equal "$(test_podman image inspect --format '{{.Architecture}}' app:1 2>/dev/null || test_podman images --format '{{.Repository}}' | head -1)" "$host"
