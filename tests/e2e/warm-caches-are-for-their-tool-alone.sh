#!/bin/bash
# Whoever else looks into go's caches, or lists what is above them, sees what a clean build has there: the RUN is executed
# again without what earlier builds left. A program that fails is too.
. "$(dirname "$0")/common.inc"
. "$(dirname "$0")/warm.inc"
number=0
with() {
  go_stage >Dockerfile <<D
RUN go build -trimpath -o /out/app . && $1
FROM alpine:latest
COPY --from=build /out /
D
}
for look in 'test -d /root/.cache && echo there >/out/seen' 'find / -xdev -name trim.txt >/out/seen' \
  'mkdir -p /root/.cache/mine && echo >/out/seen' 'touch -d @1000000000 gen.go'; do
  with "true $((number += 1))"
  build
  say "$number"
  with "$look"
  build
  ran_cold
  contains "$t/ninja.log" 'runs again without warm caches: '
  same_as_cold
  say "again $number"
  build
  ran_cold
  ! grep -q 'runs again' "$t/ninja.log" || fail 'it was tried a second time'
done
echo 'func broken' >>main.go
with true
generate
if ninja image >"$t/ninja.log" 2>&1; then fail 'built what is broken'; fi
contains "$t/ninja.log" 'it failed with exit code'
equal "$(grep -c "error: the command failed" "$t/ninja.log")" 1
contains "$t/ninja.log" 'Dockerfile:5:1: error: the command failed with exit code'
say mended
build
ran_warm
