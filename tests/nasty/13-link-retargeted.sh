#!/bin/bash
# A link to an identical file is another link. And a directory on the way to an output becomes a link.
. "$(dirname "$0")/nasty.inc"
under_epoch
program probe
mkdir -p real other
echo same >a
echo same >b
ln -s a link
echo x >real/x
echo y >other/y
cat >Dockerfile <<'D'
FROM alpine:latest
COPY . /w
RUN /w/probe read /w/link >/o1
RUN echo made >/w/real/made
RUN /w/probe read /w/real/x >/o2
D
expect ran ran ran
ln -sfn b link
expect ran hit hit
rm -r real
mkdir real2
echo x >real2/x
ln -s real2 real
expect hit ran ran
equal "$(in_image w/real2/made)" made
