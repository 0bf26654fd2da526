#!/bin/bash
# T2: a RUN that saw nothing of two files but their times runs again if these are others; one whose rerun writes the same
# at another time keeps its record. T1: a COPY that executes takes the times on disk.
. "$(dirname "$0")/nasty.inc"
echo a | tee old new >/dev/null
echo 1 >other
touch -d '2001-01-01' old
touch -d '2002-01-01' new
cat >Dockerfile <<'D'
FROM alpine:latest
COPY . /w
RUN if [ /w/new -nt /w/old ]; then echo newer; else echo older; fi >/o1
RUN stat -c %Y /w/new >/o2
RUN cat /w/other | wc -l >/o3
RUN stat -c %Y /o3
D
expect ran ran ran ran
touch -d '2000-01-01' new
echo 2 >other
expect ran ran ran hit
equal "$(in_image o1) $(in_image o2)" "older $(stat -c %Y new)"
