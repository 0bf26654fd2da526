#!/bin/bash
# A Dockerfile of a workspace that comes to be FROM another image of it, or stops being so, is noticed by ninja alone; a
# circle is told at the FROM that closes it, and a new image and a FROM that names it may come together.
. "$(dirname "$0")/common.inc"
mkdir -p base app
echo one >base/file
printf 'FROM alpine:latest\nCOPY file /file\n' >base/Dockerfile
printf 'FROM alpine:latest\nRUN cat /file >/ran 2>/dev/null || echo none >/ran\n' >app/Dockerfile
printf '[image.app]\ncontext = "app"\n[image.base]\ncontext = "base"\ntags = ["mono/base:1"]\n' >kasane.toml
in_app() { (cd .kasane/app && ninja() { command ninja -C "$ctx" app; } && in_image "$1"); }
generate
build_only app
equal "$(in_app ran)" none
sed -i 's,^FROM.*,FROM mono/base:1,' app/Dockerfile
build_only app
equal "$(in_app ran)" one
echo two >base/file
build_only app
equal "$(in_app ran)" two
build_only all-images
expect_no_work
quietly ninja -C .kasane/app # by itself it is a build too

sed -i 's,^FROM.*,FROM app,' base/Dockerfile
! ninja >"$t/err" 2>&1 || fail 'a circle was built'
contains "$t/err" $'base/Dockerfile:1:6: error: images are FROM each other in a circle: app -> base -> app\nFROM app'
sed -i 's,^FROM.*,FROM alpine:latest,' app/Dockerfile # now it is the other way round
printf 'FROM app\nCOPY file /file\n' >base/Dockerfile
build_only all-images
equal "$(in_app ran)" none
contains .kasane/base/.kasane/arguments.json 'app=build://../app'
! grep -q 'build://' .kasane/app/.kasane/arguments.json || fail 'app is still FROM base'
echo three >base/file
build_only app
expect_no_work

printf '[image.new]\ncontext = "base"\ndockerfile = "base/New"\n' >>kasane.toml
printf 'FROM scratch\nCOPY file /file\n' >base/New
printf 'FROM alpine:latest\nCOPY --from=new /file /file\nRUN cat /file >/ran\n' >app/Dockerfile
build_only app
equal "$(in_app ran)" three
