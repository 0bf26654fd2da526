#!/bin/bash
# Two states of the files that ask for different paths: both results are found again, with other files changed meanwhile.
. "$(dirname "$0")/common.inc"
cat >Dockerfile <<'D'
FROM alpine:latest
WORKDIR /src
COPY . .
RUN cat $(cat list.txt) >/out
D
echo a >a; echo b >b
for name in a b; do echo $name >list.txt; build; done
for name in a b a b; do
  echo $name >list.txt
  date +%N >unread.txt
  build
  grep -q '^hit RUN' "$t/ninja.log" || fail "$name is not found again:" "$(cat "$t/ninja.log")"
  equal "$(in_image out)" $name
done
