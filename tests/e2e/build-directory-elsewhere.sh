#!/bin/bash
. "$(dirname "$0")/common.inc"
small_context
find . -exec ls -ld --time-style=full-iso {} + | sort >"$t/before"
mkdir "$t/b"
cd "$t/b"
generate -C "$t/b" "$ctx"
build_only image
equal "$(in_image app/out.txt)" $'main\none\ntwo'
(cd "$ctx" && find . -exec ls -ld --time-style=full-iso {} + | sort) >"$t/after"
quietly diff "$t/before" "$t/after"
echo changed >"$ctx/main.txt"
build_only image
equal "$(in_image app/out.txt)" $'changed\none\ntwo'
ninja -C "$t/b" image >"$t/ninja.log"
expect_no_work
