#!/bin/bash
# What a RUN asked of its base image is asked ahead of the next one, so that the first question of a program can be the
# one that overlayfs has when it copies a directory up. Of what is not the base's nothing is asked ahead: what the RUN
# asks no more may change.
. "$(dirname "$0")/nasty.inc"
under_epoch
mkdir src
echo a >src/which
echo 1 | tee src/a >src/b
cat >Dockerfile <<'D'
FROM alpine:latest
COPY src /src
RUN for i in $(seq 100); do [ ! -e /etc/none$i ] || exit 1; done; cat /src/$(cat /src/which) >/usr/tool
D
expect ran
echo b >src/which
expect ran
echo 2 >src/a
expect hit # it was read by the first execution only
echo 3 >src/b
expect ran
equal "$(in_image usr/tool)" 3
