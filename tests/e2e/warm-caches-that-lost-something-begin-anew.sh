#!/bin/bash
# Somebody has deleted what a warm tool's cache held: go makes single files again; where a layer is gone, the caches begin anew.
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
find "$KASANE_STORE/warm" -name '*-d' -delete
say two
build
ran_warm
same_as_cold
rm -rf "$(find "$KASANE_STORE/warm" -mindepth 2 -maxdepth 2 -type d | head -1)"
say three
build
contains "$t/ninja.log" 'keeps what is new of go-build'
same_as_cold
say four
build
ran_warm
same_as_cold
