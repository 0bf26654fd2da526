#!/bin/bash
# tests/compare: contexts of any folder, built by Kasane and by BuildKit; its exit status and table say what differs.
. "$(dirname "$0")/common.inc"
need_buildkit
export KASANE_GEN TMPDIR=$t
mkdir -p "$t/all/equal" "$t/all/deep/er/refused" "$t/all/kasane-was-here"
cd "$t/all"
printf '# syntax=docker/dockerfile:1\nFROM alpine:latest\nCOPY . /x\nRUN cat /proc/sys/kernel/random/uuid >/uuid; echo a >/a\n' >equal/Dockerfile
printf 'FROM scratch\nCOPY Dockerfile /\n' >equal/small.Dockerfile
printf 'FROM alpine:latest\nRUM true\n' >deep/er/refused/Dockerfile
printf 'FROM scratch\nCOPY . /\n' >kasane-was-here/Dockerfile
quietly gen kasane-was-here
before=$(find . | sort)
quietly "$top/tests/compare" .
contains "$t/quietly.log" '1 both refuse, 3 equal'
contains "$t/quietly.log" '1 paths differ from build to build'
equal "$(find . | sort)" "$before"

# A known difference (docs/DIFFERENCES.md): BuildKit turns such a file into a deletion.
mkdir differs
printf 'FROM alpine:latest\nRUN touch /.wh.x\n' >differs/Dockerfile
status=0
"$top/tests/compare" differs >"$t/out" || status=$?
equal "$status" 1
contains "$t/out" 'ONLY BUILDKIT  differs'
