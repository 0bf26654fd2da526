#!/bin/bash
# Two directories, one store, the same images and the same steps at the same time.
. "$(dirname "$0")/common.inc"
small_context
rm -rf "$KASANE_STORE" # both pull
cp -R "$ctx" "$t/ctx2"
other() { cd "$t/ctx2" && gen && ninja image oci; }
other >"$t/other.log" 2>&1 &
pid=$!
targets=(image oci)
build
wait $pid || fail "the other failed: $(cat "$t/other.log")"
quietly "$ocidiff" .kasane/out/oci "$t/ctx2/.kasane/out/oci"
equal "$(ls -A "$KASANE_STORE/tmp")" ''
