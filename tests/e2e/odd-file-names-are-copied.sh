#!/bin/bash
. "$(dirname "$0")/common.inc"
mkdir c
for n in 'with space' 'dollar$x' 'colon:x' 'hash#x' 'quote"x' "single'x" 'back\slash' 'pipe|x' 'é' '-dash' '[x]' $'new\nline' '%41' '~x' ' lead' 'trail '; do
  printf '%s' "$n" >"c/$n"
done
ln -s nowhere c/dangling
printf 'FROM alpine:latest\nCOPY c /c\n' >Dockerfile
build
build
expect_no_work
unpack
quietly diff -r --no-dereference c "$t/unpacked/rootfs/c"
printf changed >"c/with space"
build_only image
printf changed >$'c/new\nline'
build
in_image c/$'new\nline' >"$t/got"
equal "$(cat "$t/got")" changed
