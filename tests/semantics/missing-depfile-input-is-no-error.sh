#!/bin/bash
# What only a depfile names may vanish: the edge runs, and forgets it.
. "$(dirname "$0")/common.inc"
cat >build.ninja <<'N'
rule list
  command = echo $out >>ran; ls -d dir/* >$out 2>/dev/null; echo "$out: $$(ls -d dir/* | tr '\n' ' ')" >$out.d
  depfile = $out.d
build a: list
N
mkdir dir
: >dir/x
: >dir/y
ran a
ran ''
rm dir/x
ran a
ran ''
