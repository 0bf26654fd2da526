#!/bin/bash
. "$(dirname "$0")/common.inc"
{ rules; echo 'build a: update in1
build b: update in2
build c: note a b'; } >build.ninja
echo 1 >in1
echo 2 >in2
ran 'a b c'
later in1
ran a
later in1
echo 3 >in2
later in2
ran 'a b c'
