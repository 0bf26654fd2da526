#!/bin/bash
# A RUN that is found again between two that rerun is not older than the one before it (soundness.md T3).
. "$(dirname "$0")/common.inc"
cat >Dockerfile <<'D'
FROM alpine:latest
COPY . /src
RUN cat /src/one >/first
RUN echo second >/second
RUN cat /src/two; if [ /first -nt /second ]; then echo wrong; else echo right; fi >/order
D
printf 'Dockerfile\n' >.dockerignore
echo 1 >one; echo 2 >two
build
second=$(date +%s) # busybox compares seconds
while [ "$(date +%s)" = "$second" ]; do :; done
echo 11 >one; echo 22 >two
build
grep -q '^hit RUN echo second' "$t/ninja.log" || fail 'the second RUN ran:' "$(cat "$t/ninja.log")"
equal "$(grep -c '^ran RUN' "$t/ninja.log")" 2
equal "$(in_image order)" right
