#!/bin/bash
# An empty file is opened and never read: that it was empty counts.
. "$(dirname "$0")/nasty.inc"
under_epoch
touch data
cat >Dockerfile <<'D'
FROM alpine:latest
COPY . /w
RUN ["/bin/cp", "/w/data", "/out"]
RUN ["/bin/cat", "/w/data"]
D
expect ran ran
echo text >data
expect ran ran
equal "$(in_image out)" text
