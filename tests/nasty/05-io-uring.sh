#!/bin/bash
# statx, openat and read through io_uring: refused under Docker's seccomp profile, seen where it is allowed.
. "$(dirname "$0")/nasty.inc"
under_epoch
program raw
echo one >data
echo one >other
cat >Dockerfile <<'D'
FROM alpine:latest
COPY . /w
RUN /w/raw io_uring /w/data >/out
RUN --security=insecure /w/raw io_uring /w/data >/out2
D
gen_options=(--allow=security.insecure)
expect ran ran
equal "$(in_image out)" 'refused 1'
if [[ "$(in_image out2)" == refused* ]]; then skip 'no io_uring here'; fi
equal "$(in_image out2)" '4 bytes: one'
echo two >other
expect hit hit
echo two >data
expect hit ran
equal "$(in_image out2)" '4 bytes: two'
