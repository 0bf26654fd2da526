#!/bin/bash
# rmdir asks whether a directory is empty, be the answer yes or no.
. "$(dirname "$0")/nasty.inc"
under_epoch
mkdir -p empty full
echo a >full/a
cat >Dockerfile <<'D'
FROM alpine:latest
COPY . /w
RUN rmdir /w/empty 2>/dev/null; [ -d /w/empty ] && echo kept >/o1 || echo gone >/o1
RUN rmdir /w/full 2>/dev/null; [ -d /w/full ] && echo kept >/o2 || echo gone >/o2
D
expect ran ran
echo b >full/b
expect hit ran
echo a >empty/a
expect ran hit
rm full/*
expect hit ran
equal "$(in_image o1) $(in_image o2)" 'kept gone'
rm empty/a
expect hit hit # as at first, and full as in the last build
