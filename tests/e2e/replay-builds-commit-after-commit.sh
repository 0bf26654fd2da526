#!/bin/bash
# tests/bench/replay on a small history: what ran, which images stayed the same, and that all are right.
. "$(dirname "$0")/common.inc"
repo=$t/repo
git init -q -b main "$repo"
commit() { git -C "$repo" add -A && git -C "$repo" -c user.name=n -c user.email=e@x commit -qm "$1"; }
printf 'one\n' | tee "$repo/README.md" >"$repo/data"
commit first
echo two >"$repo/README.md"
commit 'a file that nobody reads'
echo two >"$repo/data"
git -C "$repo" rm -q README.md
commit 'one that the RUN reads'
printf 'FROM alpine:latest AS build\nCOPY . /w\nRUN cat /w/data >/out\nFROM alpine:latest\nCOPY --from=build /out /\n' >Dockerfile
quietly "$top/tests/bench/replay" "$repo" --dockerfile "$ctx/Dockerfile" --count 3 --without buildkit --without buildah \
  --without podman --by-hand 'cat data'
contains "$t/quietly.log" '| 1 | 1 same |'
contains "$t/quietly.log" 'nobody reads '
contains "$t/quietly.log" '3 of 3 images equal those of clean builds'
