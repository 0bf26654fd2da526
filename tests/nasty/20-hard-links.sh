#!/bin/bash
# One name of a linked pair is written, or opened to be; then the pair is tied otherwise.
. "$(dirname "$0")/nasty.inc"
under_epoch
program probe
echo 1 >how
cat >tie <<'S'
rm -rf /l; mkdir /l; cd /l
echo pair >a; echo pair >x; echo pair >r
case $1 in
  1) ln a b; ln x y; ln r s;;
  2) ln a b; echo pair >y; ln r s;;
  3) echo pair >b; ln x y; ln r s; ln r third;;
esac
S
cat >Dockerfile <<'D'
FROM alpine:latest
COPY tie probe /bin/
COPY how /how
RUN sh /bin/tie $(cat /how)
RUN echo written >>/l/a; cat /l/b >/o1
RUN probe open-rw /l/x
RUN cp -a /l /copy; ls /copy >/o2; stat -c '%n %h' /copy/r /copy/s >>/o2
RUN rm /l/s
D
expect ran ran ran ran ran
echo 2 >how
expect ran hit ran ran hit
echo 3 >how
build
contains "$t/ninja.log" 'ran RUN echo written'
contains "$t/ninja.log" 'ran RUN cp -a'
clean_is_equal
