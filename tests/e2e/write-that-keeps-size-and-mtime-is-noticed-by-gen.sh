#!/bin/bash
. "$(dirname "$0")/common.inc"
small_context
build
cp -p main.txt "$t/old"
echo MAIN >main.txt
touch -r "$t/old" main.txt
build
equal "$(in_image app/out.txt)" $'MAIN\none\ntwo'
# A file of the same size and time, renamed into place.
cp -p main.txt "$t/new"
echo Main >"$t/new"
touch -r "$t/old" "$t/new"
mv "$t/new" main.txt
build
equal "$(in_image app/out.txt)" $'Main\none\ntwo'
