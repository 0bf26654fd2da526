#!/bin/bash
# A stat of a directory shows neither time nor size nor links: what is put into it does not change them.
. "$(dirname "$0")/nasty.inc"
mkdir d
echo a >d/a
archive() { tar -cf t.tar --mtime="@$1" d/a --no-recursion d; } # what ADD unpacks keeps its times
archive 1000000000
cat >Dockerfile <<'D'
FROM alpine:latest
COPY . /w
ADD t.tar /t
RUN stat -c '%Y %Z %s %h %a' /w/d /t/d >/out
D
expect ran
mkdir d/sub
touch -d '2001-01-01' d
for i in $(seq 300); do echo >"d/a-rather-long-name-$i"; done
expect hit
archive 1100000000
expect hit
chmod 700 d
expect ran
