#!/bin/bash
# rm -rf d && mkdir d: what the context adds to d later must not shine through.
. "$(dirname "$0")/nasty.inc"
under_epoch
mkdir -p d/sub
echo a >d/a
echo a >d/sub/a
cat >Dockerfile <<'D'
FROM alpine:latest
COPY . /w
RUN rm -rf /w/d && mkdir /w/d && echo new >/w/d/new
D
expect ran
echo x >d/x
expect ran
echo other >d/x
expect ran # needlessly: busybox's shell is rm itself, and a shell's stat counts whole
echo y >d/sub/y
expect ran
rm -r d/sub
expect ran
equal "$(image_list w/d)" new
