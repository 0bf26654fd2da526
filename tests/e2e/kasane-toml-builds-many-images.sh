#!/bin/bash
# gen alone generates all images of a kasane.toml. One is FROM another, by its tag: ninja builds that first, with no
# registry, also when it was not there as gen ran; edits go through both.
. "$(dirname "$0")/common.inc"
mkdir -p base app tool
echo one >base/file
printf 'FROM alpine:latest\nENV A=b\nCOPY file /file\n' >base/Dockerfile
printf 'ARG BASE=mono/base:1\nFROM $BASE\nCOPY own /own\nRUN cat /file >/ran; echo $A >>/ran\n' >app/Dockerfile
echo own >app/own
printf 'FROM scratch\nARG V\nLABEL v=$V\nCOPY t /t\n' >tool/Dockerfile
echo t >tool/t
cat >kasane.toml <<'T'
[variables]
VERSION = "1"
[defaults]
args = { V = "${VERSION}" }
[image.app]
context = "app"
[image.base]
context = "base"
tags = ["mono/base:${VERSION}"]
[image.tool]
context = "tool"
[group]
small = ["tool"]
T
in_app() { (mkdir -p x && cd .kasane/app && ninja() { command ninja -C "$ctx" app; } && in_image "$1"); }
targets=(small)
build
[ -e .kasane/tool/.kasane/out/oci/index.json ] || fail 'tool was not built'
[ ! -e .kasane/base/.kasane/records ] || fail 'what tool does not need was built'
build_only all-images
equal "$(in_app ran)" $'one\nb'
build_only all-images
expect_no_work
generate
build_only all-images
expect_no_work

echo two >base/file
build_only app
equal "$(in_app ran)" $'two\nb'
build_only all-images
expect_no_work
rm -rf app/own
! ninja >"$t/err" 2>&1 || fail 'a file that is gone was copied'
grep -q '^app/Dockerfile:3:6: error: "own" not found' "$t/err" || fail "$(cat "$t/err")"
echo own >app/own
sed -i 's/^RUN/RUNN/' app/Dockerfile
! ninja >"$t/err" 2>&1 || fail 'a mistake was built'
grep -q '^app/Dockerfile:4:1: error: unknown instruction' "$t/err" || fail "$(cat "$t/err")"
sed -i 's/^RUNN/RUN/' app/Dockerfile
sed -i 's/VERSION = "1"/VERSION = "2"/' kasane.toml # nobody is mono/base:1 any more
! gen 2>"$t/err" || fail 'an image that is not there was found'
contains "$t/err" 'app/Dockerfile:2:6: error: docker.io/mono/base:1: '
printf '[image.app]\ncontext = "app"\ncontexts = { x = "image:base" }\n[image.base]\ncontexts = { y = "image:app" }\n' >kasane.toml
! gen 2>"$t/err" || fail 'a circle was accepted'
contains "$t/err" 'kasane.toml:4:8: error: images are FROM each other in a circle: app -> base -> app'
