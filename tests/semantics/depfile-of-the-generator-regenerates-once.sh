#!/bin/bash
# build.ninja is a phony over a stamp whose edge has the depfile; a change of what it names runs the generator once.
. "$(dirname "$0")/common.inc"
cat >build.ninja <<'N'
include image.ninja
build build.ninja: phony stamp
N
cat >image.ninja <<'N'
rule gen
  command = echo gen >>ran; echo "stamp: watched" >stamp.d; touch stamp
  depfile = stamp.d
  generator = 1
  restat = 1
build stamp: gen
build all: phony stamp
N
touch watched
: >ran
$ninja >log 2>&1 || fail "$(cat log)"
ran ''
later watched
ran gen
ran ''
