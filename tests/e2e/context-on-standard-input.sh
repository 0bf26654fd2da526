#!/bin/bash
# A tar on standard input is the context, plain or compressed. It is kept: ninja regenerates without it.
. "$(dirname "$0")/common.inc"
mkdir "$t/src"
printf 'FROM alpine:latest\nCOPY a /a\nCOPY b /b\n' >"$t/src/Dockerfile"
echo a1 >"$t/src/a"
echo b1 >"$t/src/b"
echo a >"$t/src/.dockerignore" # means nothing in a tar
feed() { tar -C "$t/src" "$@" -cf - . | quietly gen -t x:1 -; }
feed
build_only
equal "$(in_image a)" a1
build_only
expect_no_work
feed -z # the same files, another tar
build_only
expect_edges '^\[context\] context' # and nothing that reads it
echo b2 >"$t/src/b"
feed -J
build_only
contains "$t/ninja.log" 'ran COPY b'
contains "$t/ninja.log" 'hit COPY a'
equal "$(find .kasane/inputs -type f | wc -l)" 3 # the Dockerfile, the tar, what they are

# A regeneration, also by a store that has lost it all.
rm .kasane/stamp
build_only </dev/null
expect_no_work
rm -rf "$KASANE_STORE"
new_store "$KASANE_STORE"
build_only </dev/null
equal "$(in_image b)" b2

# Errors are gen's.
printf 'FROM alpine:latest\nCOPY aa /a\n' >"$t/src/Dockerfile"
tar -C "$t/src" -cf - . | gen - >"$t/out" 2>&1 && fail 'a missing source was taken'
contains "$t/out" 'Dockerfile:2:6: error: "aa" not found in the build context'
contains "$t/out" 'did you mean'
rm "$t/src/Dockerfile"
tar -C "$t/src" -cf - . | gen - >"$t/out" 2>&1 && fail 'a missing Dockerfile was taken'
contains "$t/out" 'error: context -: Dockerfile does not exist in the context'
head -c 2000 /dev/urandom | gzip | gen - >"$t/out" 2>&1 && fail 'bytes were taken for a tar'
build_only </dev/null # nothing has changed
expect_no_work

# Another Dockerfile than the tar's: of the tar by its path there, of this machine by an absolute one.
mkdir "$t/src/sub"
printf 'FROM scratch\nCOPY a /from-sub\n' >"$t/src/sub/D"
printf 'FROM scratch\nCOPY a /from-outside\n' >"$t/D"
tar -C "$t/src" -cf - . | quietly gen -f sub/D -
build_only
equal "$(in_image from-sub)" a1
tar -C "$t/src" -cf - . | quietly gen -f "$t/D" -
build_only
equal "$(in_image from-outside)" a1
printf 'FROM scratch\nCOPY b /edited\n' >"$t/D"
build_only </dev/null
equal "$(in_image edited)" b2
