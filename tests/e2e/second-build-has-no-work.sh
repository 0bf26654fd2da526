#!/bin/bash
. "$(dirname "$0")/common.inc"
small_context
build
build_only image
expect_no_work
build # gen again changes nothing either
expect_no_work
equal "$(in_image app/out.txt)" $'main\none\ntwo'
