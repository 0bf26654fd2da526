#!/bin/bash
# A second thread writes another name into the buffer while the first opens it: both files were opened, both count.
. "$(dirname "$0")/nasty.inc"
under_epoch
program probe
echo '0 one' >a
echo '1 one' >b
cat >Dockerfile <<'D'
FROM alpine:latest
COPY . /w
RUN cd /w && ./probe race a b >/out
D
expect ran
equal "$(in_image out)" $'0 one\n1 one'
echo '0 two' >a
expect ran
echo '1 two' >b
expect ran
equal "$(in_image out)" $'0 two\n1 two'
