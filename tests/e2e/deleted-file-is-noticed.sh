#!/bin/bash
. "$(dirname "$0")/common.inc"
small_context
build
rm lib/two.txt
build
equal "$(in_image app/out.txt)" $'main\none'
echo 2 >lib/two.txt
build
rm lib/two.txt # ninja alone
build_only image
equal "$(in_image app/out.txt)" $'main\none'
