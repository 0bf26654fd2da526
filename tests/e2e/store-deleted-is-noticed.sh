#!/bin/bash
. "$(dirname "$0")/common.inc"
small_context
build
quietly ninja oci
digest=$(image_digest)
rm -rf "$KASANE_STORE"
build
! grep -q 'no work to do' "$t/ninja.log" || fail 'no work, with an empty store'
rm -rf .kasane/out
equal "$(in_image app/out.txt)" $'main\none\ntwo'
