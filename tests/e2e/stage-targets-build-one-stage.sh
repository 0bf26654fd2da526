#!/bin/bash
. "$(dirname "$0")/common.inc"
small_context
generate
build_only stage/build
grep -q 'RUN cat' "$t/edges" || fail "no RUN in: $(cat "$t/edges")"
! grep -qE 'COPY --from|image' "$t/edges" || fail "more than the stage: $(cat "$t/edges")"
