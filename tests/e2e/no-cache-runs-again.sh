#!/bin/bash
. "$(dirname "$0")/common.inc"
small_context
build
generate --no-cache
[ "$(sandboxes ninja image)" -ge 1 ] || fail 'nothing ran'
equal "$(in_image app/out.txt)" $'main\none\ntwo'
generate
equal "$(sandboxes ninja image)" 0
