#!/bin/bash
. "$(dirname "$0")/common.inc"
cat >Dockerfile <<'D'
FROM alpine:latest AS first
ARG WHO=nobody
RUN echo $WHO >/who
FROM first
RUN echo second >/second
D
build --build-arg WHO=me --target first --label a=b
equal "$(in_image who)" me
[ ! -e "$t/unpacked/rootfs/second" ] || fail 'the target was not heeded'
sed -i 's/echo $WHO/echo $WHO $WHO/' Dockerfile
build_only image # ninja alone regenerates, with the same options
equal "$(in_image who)" 'me me'
quietly skopeo inspect oci:.kasane/out/oci
contains "$t/quietly.log" '"a": "b"'
build # typed by hand: from the defaults
equal "$(in_image who)" 'nobody nobody'
equal "$(in_image second)" second
