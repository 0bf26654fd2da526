#!/bin/bash
# Runs everything that can be tested, on a fresh Debian 12 as root; about half an hour the first time.
# usage: tests/run.sh [PART..]    parts, in this order:
#   unit       unit.sh: bazel test //...
#   asan       the same with AddressSanitizer and UBSan
#   golden checks registry semantics e2e monorepo nasty laws   (with the tool as built by `unit` or here)
# The last line is "N passed, N failed"; the exit status is 1 if anything failed.
# KASANE_GEN: a built gen to be tested instead of bazel-bin/generator/gen.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$top"
. tests/fixtures/env.sh
all=(unit asan golden checks registry semantics e2e monorepo nasty laws)
parts=("${@:-${all[@]}}")
for part in "${parts[@]}"; do
  [[ " ${all[*]} " == *" $part "* ]] || { echo "run.sh: no part is named '$part', only: ${all[*]}" >&2; exit 2; }
done
started=$SECONDS
passed=0 failed=0 skipped=0 log=$(mktemp)
trap 'rm -f "$log"' EXIT

say() { printf '\n=== %s  (%d:%02d)\n' "$*" $(((SECONDS - started) / 60)) $(((SECONDS - started) % 60)); }
wants() { [[ " ${parts[*]} " == *" $1 "* ]]; }
# counted COMMAND...: its last line of the form "N passed, N failed[, N skipped]" is added up; without one it is a failed test.
counted() {
  local status=0 counts
  "$@" 2>&1 | tee "$log" || status=$?
  counts=$(grep -oE '^[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?' "$log" | tail -1 | tr -dc '0-9 ') || true
  if [ -z "$counts" ]; then counts='0 1'; fi
  # shellcheck disable=SC2086
  set -- $counts 0
  if [ $status != 0 ] && [ "$2" = 0 ]; then set -- "$1" 1 "$3"; fi
  passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
}

say 'set-up'
third_party/setup.sh
if wants unit; then
  say 'unit tests'
  counted tests/unit.sh
fi
if wants asan; then
  say 'unit tests with AddressSanitizer and UBSan'
  counted tests/unit.sh --config=asan
fi
if wants golden || wants checks || wants registry || wants semantics || wants e2e || wants monorepo || wants nasty || wants laws; then
  if [ -z "${KASANE_GEN:-}" ]; then
    say 'gen'
    bazel build --noshow_progress //generator:gen
    export KASANE_GEN=$top/bazel-bin/generator/gen
  fi
  say 'fixtures'
  tests/fixtures/up.sh
  tests/fixtures/start-buildkit.sh || echo 'run.sh: so nothing is compared with BuildKit itself'
fi
if wants golden; then
  say 'golden images, recorded from BuildKit'
  counted tests/golden/run
fi
if wants checks; then
  say 'checks, outlines and targets, recorded from BuildKit'
  counted tests/checks/run
fi
if wants registry; then
  say 'registries'
  counted tests/registry/run
fi
if wants semantics; then
  say 'what is relied on of ninja'
  counted tests/semantics/run
fi
if wants e2e; then
  say 'end to end'
  counted tests/e2e/run
fi
if wants monorepo; then
  say 'a monorepo, by each build system'
  counted tests/monorepo/run
fi
if wants nasty; then
  say 'nasty cases of the traced RUN'
  counted tests/nasty/run
fi
if wants laws; then
  say 'law 1: incremental equals clean'
  # The same edits each time, so that a failure is the change's; KASANE_FUZZ_SEED tries others.
  counted tests/laws/fuzz.py --edits "${KASANE_FUZZ_EDITS:-2000}" --seed "${KASANE_FUZZ_SEED:-2}"
  counted tests/laws/warm.py
fi

say 'result'
if [ $skipped != 0 ]; then echo "$skipped skipped; the reasons stand above"; fi
echo "$passed passed, $failed failed"
[ $failed = 0 ]
