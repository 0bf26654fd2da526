#!/bin/bash
# A file is made in a directory whose parent gets another mode: the way there was walked, so the RUN runs; the mode of
# the parent is the new one.
. "$(dirname "$0")/nasty.inc"
under_epoch
mkdir -p local/bin
echo a >local/bin/a
cat >Dockerfile <<'D'
FROM alpine:latest
COPY . /usr
RUN echo tool >/usr/local/bin/tool
D
expect ran
chmod 750 local
expect ran
equal "$(image_stat usr/local) $(in_image usr/local/bin/tool)" '750 0:0 0 tool'
echo b >local/b
expect hit # the directory is not listed
