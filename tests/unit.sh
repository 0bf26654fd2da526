#!/bin/bash
# Builds everything and runs all unit tests; then names those that were skipped, with the reason, and prints
# "N passed, N failed", counted by test case.   usage: tests/unit.sh [BAZEL OPTIONS...]
# $KASANE_CONFORMANCE (default ../shared/conformance): the folder of conformance vectors, an absolute path.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export KASANE_CONFORMANCE=${KASANE_CONFORMANCE:-$(realpath -m ../shared/conformance)}
if [ ! -d "$KASANE_CONFORMANCE" ]; then
  echo "unit.sh: no conformance vectors in $KASANE_CONFORMANCE"
  unset KASANE_CONFORMANCE
fi
status=0
bazel test --keep_going "$@" --test_env=KASANE_CONFORMANCE --noshow_progress //... || status=$?
logs=$(bazel info "$@" bazel-testlogs 2>/dev/null)
bazel query --noshow_progress 'tests(//...) except attr(tags, manual, //...)' 2>/dev/null | tr : / |
  while read -r target; do cat "$logs/${target#//}/test.xml" 2>/dev/null || echo '<testcase <failure'; done |
  grep -oE '<testcase( [^<>]*)?|<failure|<error|<skipped message="[^"]*' |
  awk '/^<testcase/ { t++; name = $0; sub(/.* classname="/, "", name); sub(/".*/, "", name)
                      sub(/^<testcase name="/, "", $0); sub(/".*/, "", $0); name = name "." $0 }
       /^<(failure|error)/ { f++ }
       /^<skipped/ { s++; sub(/(&#x0A;)*$/, ""); sub(/.*&#x0A;/, ""); print "skipped: " name ": " $0 }
       END { printf "%d passed, %d failed%s\n", t - f - s, f, s ? ", " s " skipped" : "" }'
exit $status
