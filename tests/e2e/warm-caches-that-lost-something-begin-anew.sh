#!/bin/bash
# Somebody has deleted what a warm tool's cache held: the RUN is executed again without it, and the next has one again.
. "$(dirname "$0")/common.inc"
. "$(dirname "$0")/warm.inc"
go_stage >Dockerfile <<'D'
RUN go build -trimpath -o /out/app .
FROM alpine:latest
COPY --from=build /out/app /
D
build
say more
build
ran_warm
grep -rlF 'go object linux' "$KASANE_STORE/blobs" | xargs rm -f
say two
build
ran_cold
contains "$t/ninja.log" 'runs again without warm caches'
same_as_cold
say three
build
say four
build
ran_warm
same_as_cold
