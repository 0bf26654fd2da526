#!/bin/bash
# The main context is a tar, or a Dockerfile, behind a URL: gen by hand asks for it by its ETag, ninja asks nobody.
. "$(dirname "$0")/common.inc"
. "$here/fileserver.inc"
mkdir "$t/src"
printf 'FROM alpine:latest\nCOPY a b /w/\n' >"$t/src/Dockerfile"
echo a1 >"$t/src/a"
echo b1 >"$t/src/b"
pack() { tar -C "$t/src" -czf "$t/www/x.tgz" .; }
pack
build "$url/x.tgz"
equal "$(in_image w/a)" a1
forget
build "$url/x.tgz"
expect_no_work
equal "$(requests 304)" 1
echo a2 >"$t/src/a"
pack
forget
rm .kasane/stamp
build_only
expect_no_work
equal "$(requests .)" 0
build "$url/x.tgz"
equal "$(in_image w/a)" a2

printf 'FROM alpine:latest\nCOPY . /w/\n' >"$t/www/D"
build "$url/D"
unpack
cmp "$t/www/D" "$t/unpacked/rootfs/w/context"
equal "$(stat -c %a "$t/unpacked/rootfs/w/context")" 600
gen "$url/nope" >"$t/out" 2>&1 && fail 'nothing was found'
contains "$t/out" "error: context $url/nope: "
stop_server
build_only
expect_no_work
