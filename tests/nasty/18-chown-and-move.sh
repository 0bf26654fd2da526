#!/bin/bash
# chown -R copies contents up, so they count; so does all of a directory that is moved.
. "$(dirname "$0")/nasty.inc"
under_epoch
mkdir -p owned/sub moved/sub
for f in owned/sub/a moved/sub/a moved/b; do echo one >$f; done
cat >Dockerfile <<'D'
FROM alpine:latest
COPY . /w
RUN chown -R 7:8 /w/owned
RUN mv /w/moved /w/moved2
D
expect ran ran
echo two >owned/sub/a
expect ran hit
equal "$(image_stat w/owned/sub/a) $(in_image w/owned/sub/a)" '644 7:8 4 two'
echo two >moved/b
expect hit ran
echo new >moved/sub/new
expect hit ran
chmod 700 moved/sub
expect hit ran
