#!/bin/bash
# gen why: the first thing that differed, who read it, and which step supplied it. gen reads: what a RUN read.
. "$(dirname "$0")/common.inc"
small_context
build
gen why build:4 >"$t/why"
contains "$t/why" 'ran: first time'
echo changed >main.txt
build
gen why build:4 >"$t/why"
contains "$t/why" '/src/main.txt: '
contains "$t/why" 'read by sh (busybox)'
contains "$t/why" 'from COPY . .  (Dockerfile:3, stage build)'
gen reads build:4 >"$t/reads"
contains "$t/reads" '/src/lib/one.txt  '
contains "$t/reads" 'the base image: '
gen reads --json build:4 | python3 -c '
import json, sys
reads = {r["path"]: r for r in json.load(sys.stdin)["reads"]}
assert "content" in reads["/src/main.txt"]["facts"], reads["/src/main.txt"]
assert "listing" in reads["/src/lib"]["facts"], reads["/src/lib"]
assert "/src/README.md" not in reads'
gen why build:1 2>"$t/err" && fail 'line 1 holds no RUN'
contains "$t/err" 'no RUN that was built is at build:1'
