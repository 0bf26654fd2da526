#!/bin/bash
# COPY --from a named directory reads the files that it names and no others, under the directory's own .dockerignore;
# ninja alone notices an edit and a new file there.
. "$(dirname "$0")/common.inc"
mkdir "$t/lib"
echo one >"$t/lib/a"
echo other >"$t/lib/b"
echo ignored >"$t/lib/c"
echo c >"$t/lib/.dockerignore"
printf 'FROM alpine:latest\nCOPY --from=lib a /a\nCOPY --from=lib . /lib/\n' >Dockerfile
build --build-context lib="$t/lib"
equal "$(in_image a)" one
[ ! -e "$t/unpacked/rootfs/lib/c" ] || fail 'an ignored file was copied'
build_only
expect_no_work

echo two >"$t/lib/b"
build_only
expect_edges 'COPY --from=lib \. ' 'layer of COPY --from=lib \. ' '^image'
echo ignored, too >"$t/lib/c"
touch "$t/lib"
build_only
expect_no_work
echo new >"$t/lib/new"
build_only
equal "$(in_image lib/new)" new

# The same from a stage that the directory takes the place of, and from elsewhere.
mkdir "$t/elsewhere"
cd "$t/elsewhere"
printf 'FROM alpine:latest AS lib\nRUN false\nFROM alpine:latest\nCOPY --from=lib b /b\n' >Dockerfile
build --build-context lib=../lib
equal "$(in_image b)" two
