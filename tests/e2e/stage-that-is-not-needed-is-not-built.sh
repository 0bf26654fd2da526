#!/bin/bash
. "$(dirname "$0")/common.inc"
cat >Dockerfile <<'D'
FROM nowhere.invalid/x AS unused
RUN false
FROM alpine:latest
COPY Dockerfile /
D
build
! grep -q nowhere "$t/ninja.log" || fail 'it was'
