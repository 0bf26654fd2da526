#!/bin/bash
# statx with STATX_BTIME, as stat of coreutils and node ask it: answered, and seen.
. "$(dirname "$0")/common.inc"
. "$(dirname "$0")/profiles.inc"
cat >Dockerfile <<'D'
FROM golang:latest AS tools
COPY data other /w/
RUN stat /w/data | grep -o 'Size: [0-9]*' >/out
FROM alpine:latest
COPY --from=tools /out /
D
echo one >data
echo 1 >other
build
equal "$(in_image out)" 'Size: 4'
echo 2 >other
build
expect_all hit 1
echo longer >data
build
expect_all ran 1
equal "$(in_image out)" 'Size: 7'
same_as_clean
