#!/bin/bash
# T4: what a cache made of another content is never taken for newer, be it under an epoch, or when an earlier state comes
# back; what has not changed is not made again. (busybox compares whole seconds.)
. "$(dirname "$0")/nasty.inc"
echo 0 >n
cat >make.sh <<'S'
cd /w
for d in /w /m; do
  o=/c/$(basename $d)
  if [ -e $o ] && [ ! $d/in -nt $o ]; then echo kept $d; else cp $d/in $o; echo made $d; fi
done
cat /c/w /c/m n
S
cat >Dockerfile <<'D'
FROM golang:latest AS made
COPY in make.sh n /w/
RUN --mount=type=cache,target=/c --mount=type=bind,target=/m sh /w/make.sh; cat /c/* >/out
FROM alpine:latest
COPY --from=made /out /
D
round() { # TEXT: both the copied and the mounted file
  echo "$1" >in
  echo $((++n)) >n
  build
  equal "$(outcomes)" ran
  equal "$(in_image out)" "$1"$'\n'"$1"
}
n=0
for epoch in '' 1700000000; do
  unset SOURCE_DATE_EPOCH
  if [ -n "$epoch" ]; then export SOURCE_DATE_EPOCH=$epoch; fi
  round A
  round B
  round A
  contains "$t/ninja.log" 'made /w'
  contains "$t/ninja.log" 'made /m'
  round A
  contains "$t/ninja.log" 'kept /w'
  contains "$t/ninja.log" 'kept /m'
done
