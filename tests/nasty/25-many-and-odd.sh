#!/bin/bash
# Two RUNs at once on one tree; odd names; holes and large files; fifos, sockets, devices; two branches that alternate.
. "$(dirname "$0")/nasty.inc"
under_epoch
program probe
mkdir odd
long=$(printf 'n%.0s' $(seq 255))
echo one >"odd/$long"
echo one >odd/$'new\nline'
echo one >odd/$'\xff\xfe'
echo one >other
cat >Dockerfile <<'D'
FROM alpine:latest AS below
COPY . /w
FROM below AS a
RUN cat /w/odd/* >/a1; for f in /w/odd/*; do printf '%s|' "$f"; done >/a2
FROM below AS b
RUN cat /w/odd/n* >/b1; mknod /b-fifo p; mknod /b-null c 1 3 2>/dev/null; /w/probe socket /b-socket; [ -S /b-socket ]
RUN /w/probe sparse /big 4300000000; /w/probe last /big >/last; rm /big; /w/probe sparse /hole 3000000
FROM alpine:latest
COPY --from=a /a1 /a2 /
COPY --from=b /b1 /last /hole /b-fifo /
D
count() { # hit|ran N
  equal "$(grep -c "^$1 RUN" "$t/ninja.log")" "$2"
}
build
count ran 3
clean_is_equal
equal "$(in_image last)" 'z of 4300000000'
echo two >other
build
count hit 3
echo two >odd/$'new\nline'
build
count ran 2 # both listings; the names that n* fits
clean_is_equal
echo three >"odd/$long"
build
count ran 2
clean_is_equal
echo one >"odd/$long"
build
count ran 0
count hit 3
echo three >"odd/$long"
build
count ran 0
