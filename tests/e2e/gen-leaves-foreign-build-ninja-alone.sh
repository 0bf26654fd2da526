#!/bin/bash
. "$(dirname "$0")/common.inc"
small_context
printf 'rule x\n  command = true\nbuild y: x\n' >build.ninja
cp build.ninja "$t/mine"
! gen >"$t/out" 2>&1 || fail 'gen overwrote it'
contains "$t/out" build.ninja
cmp build.ninja "$t/mine"
[ ! -e .kasane ] || fail 'something was written'
