#!/bin/bash
# A shell becomes cat in the same process: what cat asks is read as cat's, what the shell asked before as the shell's.
. "$(dirname "$0")/nasty.inc"
echo one | tee data tested >/dev/null
cat >Dockerfile <<'D'
FROM golang:latest AS tools
COPY . /w
RUN exec cat /w/data
RUN [ -e /w/tested ] && exec cat /w/data
FROM alpine:latest
COPY --from=tools /w /w
D
expect ran ran
touch -d '2001-01-01' data
echo 1 >other
expect hit hit
touch -d '2001-01-01' tested
echo 2 >other
expect hit ran
