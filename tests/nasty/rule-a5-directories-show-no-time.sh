#!/bin/bash
# A stat of a directory shows neither time nor size nor links: what is put into it does not change them.
. "$(dirname "$0")/nasty.inc"
mkdir d
echo a >d/a
cat >Dockerfile <<'D'
FROM alpine:latest
COPY . /w
RUN stat -c '%Y %Z %s %h %a' /w/d >/out
D
expect ran
mkdir d/sub
touch -d '2001-01-01' d
for i in $(seq 300); do echo >"d/a-rather-long-name-$i"; done
expect hit
chmod 700 d
expect ran
