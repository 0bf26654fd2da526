#!/bin/bash
# A named context may be an OCI layout on this machine: no registry is asked, and a new image in it is noticed by
# ninja alone.
. "$(dirname "$0")/common.inc"
printf 'FROM scratch\nCOPY f /f\n' >Dockerfile
echo one >f
build -t base
cp -a .kasane/out/oci "$t/layout"
mkdir "$t/app"
cd "$t/app"
printf 'FROM mybase AS a\nFROM alpine:latest\nCOPY --from=a /f /f\nCOPY --from=mybase /f /g\n' >Dockerfile
build --build-context mybase=oci-layout://../layout
equal "$(in_image f)" one
build --build-context mybase=oci-layout://../layout:latest
equal "$(in_image g)" one
build_only
expect_no_work

cd "$ctx"
echo two >f
build_only
rm -rf "$t/layout"
cp -a .kasane/out/oci "$t/layout"
touch "$t/layout/index.json"
cd "$t/app"
build_only
equal "$(in_image g)" two
gen --build-context mybase=oci-layout://../layout:nope >"$t/out" 2>&1 && fail 'a tag that is not there was taken'
contains "$t/out" nope
