#!/bin/bash
# 100,000 names in one directory, listed and removed.
. "$(dirname "$0")/nasty.inc"
[ -n "${KASANE_SLOW:-}" ] || skip "slow; tests/nightly.sh runs it"
under_epoch
echo one >other
cat >Dockerfile <<'D'
FROM alpine:latest AS many
RUN mkdir /many && cd /many && seq 100000 | xargs touch
COPY other /
RUN ls /many | wc -l >/count; rm -r /many
FROM alpine:latest
COPY --from=many /count /
D
build
equal "$(outcomes)" 'ran ran'
equal "$(in_image count)" 100000
echo two >other
expect hit
