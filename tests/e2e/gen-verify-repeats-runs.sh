#!/bin/bash
# gen verify: a RUN that leaves the same again is equal, one that does not differs, and nothing of the build is touched.
. "$(dirname "$0")/common.inc"
cat >Dockerfile <<'D'
FROM alpine:latest AS build
WORKDIR /src
COPY . .
RUN cat main.txt >/out.txt; ln /out.txt /link; rm other.txt
FROM alpine:latest
RUN --mount=type=bind,from=build,source=/src,target=/m --mount=type=cache,target=/c cat /m/* >/all; date >>/c/dates
RUN head -c 8 /dev/urandom >/random; head -c 8 /dev/urandom >/etc/date
D
echo main >main.txt
echo other >other.txt
build
equal "$(gen verify build:4)" "$(printf 'equal   RUN cat main.txt >/out.txt; ln /out.txt /link; rm other.txt  (Dockerfile:4, stage build)\n1 of 1 RUN is equal')"
before=$(find .kasane "$KASANE_STORE/results" -type f -printf '%p %T@\n' | sort)
status=0
gen verify >"$t/verify" || status=$?
equal "$status" 1
contains "$t/verify" 'equal   RUN --mount=type=bind,from=build'
contains "$t/verify" 'differs RUN head'
contains "$t/verify" '/random: content'
contains "$t/verify" '2 of 3 RUNs are equal'
equal "$(find .kasane "$KASANE_STORE/results" -type f -printf '%p %T@\n' | sort)" "$before"
nothing_left_behind
gen verify --json 1:7 >"$t/verify" && fail 'it differs'
python3 - "$t/verify" <<'P'
import json, sys
run, = json.load(open(sys.argv[1]))['runs']
assert run['outcome'] == 'differs' and run['line'] == 7 and '/etc/date: content' in run['paths'], run
P
# A hit that is a lie: the record of another RUN.
cp .kasane/records/1/2-run.json .kasane/records/build/3-run.json
gen verify build:4 >"$t/verify" && fail 'the lie is believed'
contains "$t/verify" '/out.txt: is written now'
gen verify build:3 2>"$t/err" && fail 'there is no RUN'
contains "$t/err" 'no RUN that was built is at build:3'
