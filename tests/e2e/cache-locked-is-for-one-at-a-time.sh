#!/bin/bash
# Two builds, each a ninja of its own, with one locked cache: never both in it at once.
. "$(dirname "$0")/common.inc"
for n in 1 2; do
  mkdir "$t/ctx$n"
  cat >"$t/ctx$n/Dockerfile" <<D
FROM alpine:latest
RUN --mount=type=cache,id=c,target=/c,sharing=locked \
  for i in \$(seq 20); do mkdir /c/inside || exit 1; [ -e /c/n ] || echo 0 >/c/n; echo \$((\$(cat /c/n) + 1)) >/c/n; rmdir /c/inside; done; : $n
D
  (cd "$t/ctx$n" && quietly gen)
done
(cd "$t/ctx1" && ninja image >"$t/1.log" 2>&1) &
first=$!
(cd "$t/ctx2" && ninja image >"$t/2.log" 2>&1) || fail "$(cat "$t/2.log")"
wait $first || fail "$(cat "$t/1.log")"
equal "$(cat "$KASANE_STORE"/caches/*/0/data/n)" 40
equal "$(gen cache ls | wc -l)" 2
