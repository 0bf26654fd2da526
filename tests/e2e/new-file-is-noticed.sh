#!/bin/bash
. "$(dirname "$0")/common.inc"
small_context
build
echo three >lib/zzz.txt
build
equal "$(in_image app/out.txt)" $'main\none\ntwo\nthree'
mkdir lib/deep # ninja alone sees it too: the directory is watched
echo four >lib/zzzz.txt
build_only image
equal "$(in_image app/out.txt)" $'main\none\ntwo\nthree\nfour'
