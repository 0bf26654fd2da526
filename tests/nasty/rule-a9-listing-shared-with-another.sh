#!/bin/bash
# A9: of a directory that the RUN has changed the kernel keeps the listing while somebody has it open, and shows it to others
# without a question. So the listing of a program that cares for some names counts whole there; and so it does of /etc, in
# which some files have a file system of their own (src/sandbox/frequent_files.h).
. "$(dirname "$0")/nasty.inc"
under_epoch
program lister
mkdir changed unchanged
for d in changed unchanged; do echo one >$d/a.x; done
cat >kasane-profiles.toml <<'P'
[[profile]]
name = "lister"
program.strings = ["kasane's test: lists names in .x alone"]
list.suffixes = [".x"]
P
cat >Dockerfile <<'D'
FROM alpine:latest
COPY . /w
RUN touch /w/changed/own; /w/lister /w/changed /bin/ls >/o1
RUN ["/w/lister", "/w/unchanged"]
COPY etc /etc
RUN /w/lister /etc /bin/ls >/o3
D
mkdir etc
echo one >etc/a.x
expect ran ran ran
echo new >unchanged/new
expect hit hit hit
echo new >changed/new
expect ran hit hit
equal "$(in_image o1)" $'a.x\na.x\nnew\nown'
echo new >etc/new
expect hit hit ran
in_image o3 | grep -qx new || fail 'a listing was taken from an earlier build'
