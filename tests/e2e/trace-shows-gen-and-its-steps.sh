#!/bin/bash
. "$(dirname "$0")/common.inc"
small_context
gen --stats --trace="$t/trace.json" >"$t/stats"
grep -qE '^gen +[0-9.]+ +[0-9.]+$' "$t/stats" || fail 'no line of gen in:' "$(cat "$t/stats")"
grep -qE '^ +scan +[0-9.]+ +[0-9.]+  [0-9]+ entries$' "$t/stats" || fail 'no scan in:' "$(cat "$t/stats")"
build_only image
python3 - "$t/trace.json" <<'P'
import json, sys
events = json.loads(open(sys.argv[1]).read().rstrip().rstrip(',') + ']')
names = [e['name'] for e in events if e['ph'] == 'X']
for wanted in ('gen', 'evaluate', 'write the layer'):
    assert wanted in names, (wanted, names)
assert any(n.startswith('COPY') for n in names) and any(n.startswith('RUN') for n in names), names
P
# Tracing is no part of the build: with or without it, there is nothing to do.
generate --trace="$t/trace.json"
build_only image
expect_no_work
generate
[ ! -e .kasane/trace ] || fail 'the note is still there'
build_only image
expect_no_work
! gen --trace=/nowhere/trace.json 2>"$t/error" || fail 'no error'
contains "$t/error" '/nowhere/trace.json'
