#!/bin/bash
# A build.ninja of somebody's own takes in all images of a kasane.toml, which names what other rules make: it is made first,
# also if it was not there when gen ran; nothing of ours is a default or a pool of theirs.
. "$(dirname "$0")/common.inc"
mkdir app tool
printf 'FROM alpine:latest\nCOPY --from=bin server /server\nRUN cat /server >/ran\n' >app/Dockerfile
printf 'FROM app\nCOPY hello /hello\n' >tool/Dockerfile
echo hello >tool/hello
echo one >server.txt
cat >kasane.toml <<'T'
[image.app]
context = "app"
contexts = { bin = "out" }
generated = ["out/server"]
[image.tool]
context = "tool"
T
cat >build.ninja <<'N'
rule step
  command = mkdir -p out && cp $in $out
build out/server: step server.txt
subninja .kasane/workspace.ninja
build build.ninja: phony .kasane/current
build everything: phony all-images
default out/server
N
sed '/kasane/d; /everything/d' build.ninja >"$t/mine"
cp build.ninja "$t/whole"
cp "$t/mine" build.ninja
! gen 2>"$t/err" || fail 'gen has written over it'
contains "$t/err" 'help: let it take the images in: subninja .kasane/workspace.ninja'
cmp build.ninja "$t/mine"
cp "$t/whole" build.ninja
generate
cmp build.ninja "$t/whole"
build_only
[ ! -e .kasane/app/.kasane/out ] || fail 'images are no default of theirs'
rm -r out
build_only everything
grep -qx 'mkdir -p out && cp server.txt out/server' "$t/edges" || fail 'the rule of the file did not run'
equal "$(gen run --rm tool cat /ran)" one
build_only everything
build_only everything
expect_no_work
echo two >server.txt
build_only everything
equal "$(gen run --rm tool cat /ran)" two
printf '[image.third]\ncontext = "tool"\n' >>kasane.toml
build_only third # which the workspace did not have
build_only everything
expect_no_work
