#!/bin/bash
# No libc, no dynamic linker: what asks is the kernel.
. "$(dirname "$0")/nasty.inc"
under_epoch
program raw
echo one >data
echo one >other
cat >Dockerfile <<'D'
FROM scratch
COPY . /w
WORKDIR /w
RUN ["/w/raw", "syscall", "data"]
D
expect ran
echo two >other
expect hit
echo two >data
expect ran
rm data
expect ran # and prints that it is not there
