#!/bin/bash
# The content is as it was; mode, owner or capabilities are not.
. "$(dirname "$0")/nasty.inc"
under_epoch
program probe
echo 10 >cap
echo one >data
dockerfile() { # OWNER
  cat >Dockerfile <<D
FROM alpine:latest
COPY --chown=$1 data /data
COPY cap probe /bin/
RUN cp /bin/probe /able && probe setcap /able \$(cat /bin/cap)
RUN probe stat /data >/o1
RUN probe xattr /able security.capability >/o2; probe stat /able >>/o2
RUN probe stat /able >/o3
D
}
dockerfile 0
expect ran ran ran ran
chmod 600 data
expect hit ran hit hit
dockerfile 7
expect hit ran hit hit
equal "$(in_image o1)" '100600 7:7' # a user alone is the group, too
echo 11 >cap
expect ran hit ran ran # the stat of an unknown program is taken at its strictest, capabilities are part of it
