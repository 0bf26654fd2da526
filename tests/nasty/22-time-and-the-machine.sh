#!/bin/bash
# /proc, the clock, the number of processors: as under Docker they are no dependency. A repository beside Go sources is
# one, by version control stamping, and gen why says who asked.
. "$(dirname "$0")/nasty.inc"
under_epoch
echo one >data
cat >Dockerfile <<'D'
FROM alpine:latest
COPY . /w
RUN cat /w/data /proc/cpuinfo /proc/self/status /sys/kernel/mm/transparent_hugepage/enabled /dev/null >/dev/null; date >/dev/null; nproc >/dev/null; head -c 9 /dev/urandom >/dev/null; echo done >/out
D
echo note >note
expect ran
echo other >note
expect hit
gen reads --json 0:3 >"$t/reads"
python3 - "$t/reads" <<'P'
import json, sys
paths = [r['path'] for r in json.load(open(sys.argv[1]))['reads']]
below = [p for p in paths if p.startswith(('/proc/', '/sys/', '/dev/'))]
assert not below, below
P
rm -rf ./*
cat >Dockerfile <<'D'
FROM golang:latest
WORKDIR /w
COPY . .
RUN git config --global --add safe.directory '*' && go build -o /out .
D
printf 'module m\n' >go.mod
printf 'package main\nfunc main() {}\n' >main.go
git init -q .
git config user.email a@b.c
git config user.name n
git add -A
git commit -qm one
build
git commit -q --allow-empty -m two
build
contains "$t/ninja.log" 'ran RUN git'
gen why 0:4 >"$t/why"
contains "$t/why" '/w/.git/'
contains "$t/why" 'git'
