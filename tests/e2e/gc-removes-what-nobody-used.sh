#!/bin/bash
# `gen gc` removes results that no build has used for so long; what is gone is made again, and the image is the same.
. "$(dirname "$0")/common.inc"
export SOURCE_DATE_EPOCH=0
# The results of new_store are hard links, whose times other tests move.
cp -r "$KASANE_STORE/results" "$t/results"
rm -r "$KASANE_STORE/results"
mv "$t/results" "$KASANE_STORE/results"
small_context
build
digest=$(image_digest)
gen gc >"$t/gc"
contains "$t/gc" 'removed 0 results, 0 blobs and 0 packs, 0 bytes; kept '
build
expect_no_work # nothing was removed, so the store is the same one

results() { find "$KASANE_STORE/results" -type f | wc -l; }
count=$(results)
find "$KASANE_STORE/results" -type f -exec touch -d '40 days ago' {} +
gen gc --dry-run >"$t/gc"
contains "$t/gc" "would remove $count results, 0 blobs"
equal "$(results)" "$count"
gen gc --unused-for 60d >"$t/gc"
contains "$t/gc" 'removed 0 results,'
gen gc >"$t/gc"
contains "$t/gc" "removed $count results, 0 blobs" # blobs younger than an hour stay
equal "$(results)" 0
build
equal "$(image_digest)" "$digest"
[ "$(results)" -gt 0 ] || fail 'nothing was built again'

# While a build runs in the store it is left alone.
exec 7<"$KASANE_STORE/lock"
flock -s 7
status=0
gen gc 2>"$t/gc" || status=$?
equal "$status" 1
equal "$(cat "$t/gc")" "error: $KASANE_STORE: the store is in use by another build
  help: try again when it has ended"

# A container does not keep it from running.
exec 7<&-
printf 'FROM alpine:latest\nRUN echo made >/made\n' >Dockerfile
build
gen run -d --name kept --network none -- sleep 1000
trap 'gen rm -f kept >/dev/null 2>&1 || true; cleanup' EXIT
gen gc --unused-for 0 >"$t/gc" || fail "$(cat "$t/gc")"
equal "$(gen exec kept cat /made)" made
gen rm -f kept
