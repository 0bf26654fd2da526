#!/bin/bash
# --build-context NAME::PLATFORM is NAME for that platform alone: an index whose images are made of two directories.
. "$(dirname "$0")/common.inc"
mkdir "$t/intel" "$t/arm"
echo intel >"$t/intel/f"
echo arm >"$t/arm/f"
printf 'FROM scratch\nCOPY --from=bin f /\n' >Dockerfile
build --platform=linux/amd64,linux/arm64 --build-context bin::linux/amd64="$t/intel" --build-context bin::linux/arm64/v8="$t/arm"
expect_edges 'COPY' 'COPY' 'layer' 'layer' 'image' 'image' 'index'
content() {
  quietly ninja oci
  quietly skopeo copy -q --override-arch "$1" oci:.kasane/out/oci "oci:$t/$1:1"
  rm -rf "$t/unpacked"
  quietly umoci unpack --image "$t/$1:1" "$t/unpacked"
  cat "$t/unpacked/rootfs/f"
  rm -rf "${t:?}/$1"
}
equal "$(content amd64)" intel
equal "$(content arm64)" arm
build_only
expect_no_work
echo other >"$t/arm/f"
build_only
expect_edges 'COPY' 'layer' 'image' 'index'
equal "$(content amd64)" intel
equal "$(content arm64)" other
status=0
gen --build-context bin::linux/nothing/v1/x=. >"$t/out" 2>&1 || status=$?
equal "$status" 1
contains "$t/out" 'invalid platform "linux/nothing/v1/x"'
