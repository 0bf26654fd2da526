#!/bin/bash
# A C file can show its own time, so gcc's observations are of level 3.
. "$(dirname "$0")/common.inc"
. "$(dirname "$0")/profiles.inc"
cat >Dockerfile <<'D'
FROM golang:latest AS tools
WORKDIR /w
COPY . .
RUN gcc -E -P main.c -o /out
FROM alpine:latest
COPY --from=tools /out /out
D
echo 'const char *changed = __TIMESTAMP__;' >main.c
touch -d '2011-11-11 11:11:11' main.c
build
contains <(in_image out) 'Fri Nov 11 11:11:11 2011'
other_times main.c
build
expect_all ran 1
same_as_clean
