#!/bin/bash
# A size counts for whoever was told it, unless the program is known not to care.
. "$(dirname "$0")/nasty.inc"
under_epoch
program probe
for name in removed listed measured; do echo one >$name; done
cat >Dockerfile <<'D'
FROM alpine:latest
COPY . /w
RUN ["/bin/rm", "/w/removed"]
RUN ls -l /w/listed >/o1
RUN /w/probe size /w/measured >/o2
D
expect ran ran ran
echo longer >removed; expect hit hit hit
echo longer >listed; expect hit ran hit
echo longer >measured; expect hit hit ran
equal "$(in_image o2)" '7 bytes'
