#!/bin/bash
# A process outlives the shell, the RUN fails, the server of the file system is killed: nothing partial is kept.
. "$(dirname "$0")/nasty.inc"
under_epoch
program probe
echo one >data
cat >Dockerfile <<'D'
FROM alpine:latest
COPY . /w
RUN /w/probe daemon /late; cat /w/data >/out
RUN cp /w/data /copy; test "$(cat /w/data)" != two
D
build
equal "$(outcomes)" 'ran ran'
nothing_left_behind
echo two >data
generate
ninja >"$t/ninja.log" 2>&1 && fail 'it should have failed'
contains "$t/ninja.log" 'failed with exit code 1'
ninja >"$t/ninja.log" 2>&1 && fail 'it should have failed again'
echo one >data
build
equal "$(grep -c '^ran RUN' "$t/ninja.log")" 0
# Killed in the middle: the step is the server of the file system and the tracer.
cat >Dockerfile <<'D'
FROM alpine:latest
COPY . /w
RUN cp /w/data /half; echo started; sleep 1000; cp /w/data /whole
D
generate
ninja >"$t/ninja.log" 2>&1 &
ninja_pid=$!
step=
for _ in $(seq 200); do
  sleep 0.05
  [ -n "$(pgrep -f 'sleep 1000' || true)" ] || continue
  step=$(for p in $(descendants $ninja_pid); do if grep -qx gen "/proc/$p/comm" 2>/dev/null; then echo "$p"; break; fi; done)
  [ -z "$step" ] || break
done
[ -n "$step" ] || fail 'the step did not start:' "$(cat "$t/ninja.log")"
kill -9 "$step"
wait $ninja_pid && fail 'a killed RUN is no success'
sed -i 's/sleep 1000; //' Dockerfile
expect ran
nothing_left_behind
