#!/bin/bash
. "$(dirname "$0")/common.inc"
small_context
generate
[ "$(sandboxes ninja image)" -ge 1 ] || fail 'the first build starts a sandbox, and none was counted'
first=$(image_digest)
echo changed >main.txt
build
[ "$(image_digest)" != "$first" ] || fail 'the edit did not reach the image'
echo main >main.txt
generate
equal "$(sandboxes ninja image)" 0
equal "$(image_digest)" "$first"
