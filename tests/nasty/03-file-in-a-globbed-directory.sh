#!/bin/bash
# A new file counts where somebody listed, and only there.
. "$(dirname "$0")/nasty.inc"
under_epoch
mkdir listed unlisted
echo a >listed/a
echo a >unlisted/a
cat >Dockerfile <<'D'
FROM alpine:latest
COPY . /w
RUN echo /w/listed/* >/out; cat /w/unlisted/a >>/out
D
expect ran
echo b >unlisted/b
expect hit
echo b >listed/b
expect ran
echo other >listed/b
expect hit # its name alone was asked for
rm listed/a
expect ran
