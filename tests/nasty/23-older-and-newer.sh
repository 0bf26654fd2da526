#!/bin/bash
# A make that goes by times: a source of the same size is noticed, with and without an epoch.
. "$(dirname "$0")/nasty.inc"
echo aaa >in.src
cat >make.sh <<'S'
# "make": out is made from in, and in from in.src, when the older is newer.
cd /w
if [ ! -e in ] || [ in -ot in.src ]; then cat in.src >in; echo in; fi
if [ ! -e out ] || [ out -ot in ]; then cat in >out; echo out; fi
S
cat >Dockerfile <<'D'
FROM alpine:latest
COPY . /w
RUN sh /w/make.sh >/log1
RUN sh /w/make.sh >/log2; cat /w/out >/result
D
expect ran ran
echo bbb >in.src
expect ran ran
equal "$(in_image result)" bbb
touch -d '2001-01-01' in.src
expect # a touch alone executes nothing
echo aaa >in.src
expect hit hit # as at first, times and all
echo ddd >in.src
touch -d '2001-01-01' in.src
expect ran ran
equal "$(in_image result)" ddd
under_epoch
expect ran ran
echo ccc >in.src
expect ran ran
equal "$(in_image result)" ccc
