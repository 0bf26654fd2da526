#!/bin/bash
# An index goes to a registry with all its images; as a base each platform takes its own image of it.
. "$(dirname "$0")/common.inc"
name=$REG/e2e/index-$$
printf 'FROM scratch\nARG TARGETPLATFORM\nCOPY <<E /platform\n$TARGETPLATFORM\nE\n' >Dockerfile
build --platform=linux/amd64,linux/arm64,linux/arm/v7 -t "$name:1"
build_only push
equal "$(skopeo inspect --raw --tls-verify=false "docker://$name:1" | python3 -c 'import json,sys
for m in json.load(sys.stdin)["manifests"]: p = m["platform"]; print(p["architecture"], p.get("variant", ""))')" 'amd64 
arm64 
arm v7'
equal "$(skopeo inspect --raw --tls-verify=false "docker://$name:1" | sha256sum | cut -d' ' -f1)" "$(image_digest | cut -d: -f2)"

mkdir "$t/app"
cd "$t/app"
cat >Dockerfile <<D
FROM $name:1 AS own
FROM --platform=linux/arm/v7 $name:1 AS arm
FROM scratch
COPY --from=own /platform /own
COPY --from=arm /platform /arm
COPY --from=$name:1 /platform /from
D
build --platform=linux/arm64,linux/amd64
for arch in amd64 arm64; do
  quietly skopeo copy -q --override-arch $arch oci:.kasane/out/oci "oci:$t/$arch:1"
  quietly umoci unpack --image "$t/$arch:1" "$t/unpacked-$arch"
  equal "$(cd "$t/unpacked-$arch/rootfs" && cat own arm from | tr '\n' ' ')" "linux/$arch linux/arm/v7 linux/$arch "
done
build --platform=linux/arm64/v8
equal "$(python3 -c 'import json; print(json.load(open(".kasane/out/oci/index.json"))["manifests"][0]["platform"])')" "{'architecture': 'arm64', 'os': 'linux'}"
gen --platform=linux/riscv64 >"$t/out" 2>&1 && fail 'an image was found'
contains "$t/out" 'no image for linux/riscv64'
