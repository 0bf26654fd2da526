#!/bin/bash
. "$(dirname "$0")/common.inc"
small_context
sed -i 's#^RUN .*#RUN echo to-the-log; cat main.txt >/out.txt; test -s lib/one.txt || exit 7#' Dockerfile
: >lib/one.txt
generate
find "$KASANE_STORE" -type f | sort >"$t/before"
! ninja image >"$t/out" 2>&1 || fail 'it succeeded'
contains "$t/out" 'Dockerfile:4:1'
contains "$t/out" 'to-the-log'
contains "$t/out" '7'
ls .kasane/records/*/*run* 2>/dev/null && fail 'a record'
equal "$(ls -A "$KASANE_STORE/tmp")" ''
! ninja image >"$t/out2" 2>&1 || fail 'the failure was taken for a result'
contains "$t/out2" 'to-the-log'
echo 1 >lib/one.txt
build
equal "$(in_image out.txt 2>/dev/null || in_image app/out.txt)" main
