#!/bin/bash
# coreutils, grep and sed of Debian: a file's time is nothing to them, its mode and its content are.
. "$(dirname "$0")/common.inc"
. "$(dirname "$0")/profiles.inc"
cat >Dockerfile <<'D'
FROM golang:latest AS tools
WORKDIR /w
COPY . .
RUN mkdir /o; cat data >/o/1; head -n 1 data >/o/2; wc data >/o/3; sort data >/o/4; md5sum data >/o/5
RUN cut -c1 data >/o/11; uniq data >/o/12; tac data >/o/13; base64 data >/o/14; comm data data >/o/15; realpath data
RUN grep -r one . --include=data >/o/21
RUN sed s/one/1/ data >/o/22
RUN tail data2 >/o/23
RUN rm data
FROM alpine:latest
COPY --from=tools /o /o
D
printf 'one\ntwo\n' | tee data data2 >other
build
expect_all ran 6
other_times data data2
build
contains "$t/ninja.log" 'ran RUN tail' # it may go by time: strict
grep -v 'RUN tail' "$t/ninja.log" >"$t/log"
mv "$t/log" "$t/ninja.log"
expect_runs hit 'cat data' 'cut -c1' 'grep -r' 'sed s/one' 'rm data'
same_as_clean
chmod 600 data
build
contains "$t/ninja.log" 'ran RUN mkdir /o; cat data'
contains "$t/ninja.log" 'ran RUN sed'
echo three >>data
build
contains "$t/ninja.log" 'ran RUN cut -c1'
contains "$t/ninja.log" 'ran RUN grep'
contains "$t/ninja.log" 'hit RUN rm'
same_as_clean
