#!/bin/bash
. "$(dirname "$0")/common.inc"
small_context
build
digest=$(image_digest)
sed -i '1i# a comment' Dockerfile
build
expect_no_work
equal "$(image_digest)" "$digest"
# Messages speak of the new lines all the same.
sed -i 's/^RUN .*/RUN false/' Dockerfile
generate
! ninja image >"$t/out" 2>&1 || fail 'RUN false succeeded'
contains "$t/out" Dockerfile:5:1
