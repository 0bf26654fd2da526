#!/bin/bash
# Where a kasane.toml is, gen check and gen lock look at all its images; --locked is kept by ninja; an image is named by its
# name, and who asks for the build there is told that there are several.
. "$(dirname "$0")/common.inc"
mkdir base app
echo f >base/f
printf 'FROM alpine:latest\nCOPY f /f\n' >base/Dockerfile
printf 'FROM base as b\nRUN cp /f /g\nCMD ["cat", "/g"]\n' >app/Dockerfile
printf '[image.app]\ncontext = "app"\n[image.base]\ncontext = "base"\n' >kasane.toml
! gen check >"$t/out" 2>&1 || fail 'the mistake was not found'
contains "$t/out" 'base: base/Dockerfile: no warnings'
contains "$t/out" 'app/Dockerfile:1:11: warning: '
sed -i 's/ as / AS /' app/Dockerfile
gen check >"$t/out" 2>&1 || fail "$(cat "$t/out")"
[ ! -e build.ninja ] || fail 'a check has made a build'
! gen --locked 2>"$t/err" || fail 'nothing is locked'
contains "$t/err" 'base/kasane.lock'
gen lock
contains base/kasane.lock alpine
gen --locked
build_only app
equal "$(gen run --rm app)" f
gen history app >"$t/out"
contains "$t/out" 'RUN /bin/sh -c cp /f /g'
rm base/kasane.lock
touch kasane.toml
! ninja >"$t/out" 2>&1 || fail 'ninja has forgotten --locked'
contains "$t/out" kasane.lock
for what in 'why' 'graph --html' 'shell 0'; do
  ! gen $what >"$t/out" 2>&1 || fail "gen $what knows which image is meant"
  contains "$t/out" 'here are several images, each with a build of its own: say which by -C .kasane/NAME'
done
! gen run >"$t/out" 2>&1 || fail 'gen run knows which image is meant'
contains "$t/out" 'several images are built here: name one of them'
