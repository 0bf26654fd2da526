#!/bin/bash
# After kill -9 the next run does at most what was not finished and what was not logged.
. "$(dirname "$0")/common.inc"
{ rules; echo 'rule slow
  command = echo $out >>ran; sleep 5; cat $in >$out
build a: update in
build b: slow a'; } >build.ninja
echo 1 >in
$ninja >log 2>&1 &
for _ in $(seq 100); do
  grep -qs b ran && break
  sleep 0.05
done
kill -9 $!
pkill -P $! 2>/dev/null || true
wait 2>/dev/null || true
sed -i 's/sleep 5/true/' build.ninja
: >ran
$ninja >log 2>&1
! grep -q a ran || fail 'the finished edge ran again'
grep -q b ran || fail 'the killed edge did not run'
