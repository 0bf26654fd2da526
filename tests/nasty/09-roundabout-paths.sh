#!/bin/bash
# From a directory's descriptor, through "..", after chdir and chroot, over links of three layers and of the RUN itself.
. "$(dirname "$0")/nasty.inc"
under_epoch
program probe
mkdir -p d/sub jail
for name in at up chdir jail/inside d/end d/own; do echo one >$name; done
mv up d/up
mv at d/at
mv chdir d/sub/chdir
ln -s /middle first
cat >Dockerfile <<'D'
FROM alpine:latest
COPY . /w
RUN ln -s /w/d /dir
RUN ln -s dir/end /middle
RUN /w/probe at /w/d at >/o1
RUN /w/probe at /w/d sub/../up >/o2
RUN /w/probe chdir /w/d/sub chdir >/o3
RUN /w/probe chroot /w/jail /inside >/o4
RUN /w/probe read /w/first >/o5
RUN ln -s /w/d/own /tmp/own && /w/probe read /tmp/own >/o6
D
expect ran ran ran ran ran ran ran ran
echo two >d/at; expect hit hit ran hit hit hit hit hit
echo two >d/up; expect hit hit hit ran hit hit hit hit
echo two >d/sub/chdir; expect hit hit hit hit ran hit hit hit
echo two >jail/inside; expect hit hit hit hit hit ran hit hit
echo two >d/end; expect hit hit hit hit hit hit ran hit
echo two >d/own; expect hit hit hit hit hit hit hit ran
ln -sfn /w/d/own first; expect hit hit hit hit hit hit ran hit
equal "$(in_image o5)" two
