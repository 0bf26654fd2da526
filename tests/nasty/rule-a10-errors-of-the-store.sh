#!/bin/bash
# A file that the store has lost is not absent: a RUN that takes the error for "no" and goes on leaves nothing.
. "$(dirname "$0")/nasty.inc"
under_epoch
head -c 300000 /dev/urandom >data
cat >Dockerfile <<'D'
FROM alpine:latest
COPY data /data
RUN cat /data >/dev/null 2>&1 && echo yes >/out || echo no >/out
D
generate
quietly ninja .kasane/records/0/1-copy.json
blob=$(sha256sum <data)
find "$KASANE_STORE/blobs" -name "${blob%% *}*" -exec rm {} +
if ninja image >"$t/ninja.log" 2>&1; then
  equal "$(in_image out)" yes
else
  [ ! -e .kasane/records/0/2-run.json ] || fail 'a RUN that met an error has a record'
  rm -rf .kasane
  sed -i '1i # again' Dockerfile
  generate
  ninja image >"$t/ninja.log" 2>&1 || true
  if [ -e .kasane/records/0/2-run.json ]; then equal "$(in_image out)" yes; fi
fi
