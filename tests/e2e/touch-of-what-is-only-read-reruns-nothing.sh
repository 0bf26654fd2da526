#!/bin/bash
# Reading a file tells its content and its size, no time: whatever the program is. A stat tells the time too.
. "$(dirname "$0")/common.inc"
cat >Dockerfile <<'D'
FROM alpine:latest
COPY . /w/
RUN while read -r line; do echo "$line"; done </w/read >/out
RUN [ /w/stated -nt /etc ] || touch /older
D
printf 'Dockerfile\n' >.dockerignore
echo one >read
echo one >stated
build
expect_runs() { # hit|ran hit|ran: what ninja did with the two RUNs after the edit
  echo "$RANDOM" >>other # a new time alone goes no further than COPY
  build
  equal "$(sed -nE 's/^(hit|ran) RUN .*/\1/p' "$t/ninja.log" | paste -sd' ')" "$*"
}
touch -d 2001-02-03 read; expect_runs hit hit
touch -d 2001-02-03 stated; expect_runs hit ran
echo two >read; expect_runs ran hit
