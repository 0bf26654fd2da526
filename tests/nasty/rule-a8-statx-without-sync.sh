#!/bin/bash
# statx(AT_STATX_DONT_SYNC) would be answered from what the lookup left in the kernel: it is refused, and who then asks
# otherwise is seen.
. "$(dirname "$0")/nasty.inc"
under_epoch
program probe
echo one >data
cat >Dockerfile <<'D'
FROM scratch
COPY . /w
WORKDIR /out
RUN ["/w/probe", "stat-dont-sync", "/w/data"]
D
expect ran
echo longer >data
expect ran
