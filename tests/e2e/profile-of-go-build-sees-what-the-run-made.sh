#!/bin/bash
# A source that the RUN itself writes may embed: then the tree's own listing is not narrowed.
. "$(dirname "$0")/common.inc"
. "$(dirname "$0")/profiles.inc"
. "$(dirname "$0")/goprofile.inc"
sed -i 's|^RUN go build -trimpath|RUN cp gen.txt gen.go \&\& go build -trimpath|' Dockerfile
printf 'package main\n\nimport "embed"\n\n//go:embed assets\nvar files embed.FS\n' >gen.txt
mkdir assets
echo a >assets/a.txt
build
echo b >assets/b.txt
build
grep -qE '^ran .*go build' "$t/ninja.log" || fail 'no run' "$(cat "$t/ninja.log")"
same_as_clean
