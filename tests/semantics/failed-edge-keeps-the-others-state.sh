#!/bin/bash
. "$(dirname "$0")/common.inc"
{ rules; echo 'rule fail
  command = test -e ok && echo $out >>ran && echo x >$out
build a: update in
build b: fail a
build c: note b'; } >build.ninja
echo 1 >in
! $ninja >log 2>&1 || fail 'it succeeded'
: >ok
ran 'b c'
ran ''
