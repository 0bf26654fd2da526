#!/bin/bash
# ADD unpacks an archive. A touch of it changes nothing; another content makes the layer anew, equal to a clean build's;
# an undo hits the store.
. "$(dirname "$0")/common.inc"
printf 'FROM alpine:latest\nADD data.tar.xz /data\nRUN cat /data/a >/out\n' >Dockerfile
mkdir d
pack() { tar -C d --mtime=2001-01-01Z --owner=0 --group=0 -cJf data.tar.xz .; }
echo one >d/a
echo x >d/b
pack
build --tag a
first=$(image_digest)
equal "$(in_image out)" one

touch data.tar.xz
build_only
expect_edges 'ADD data'
contains "$t/ninja.log" 'hit ADD'
equal "$(image_digest)" "$first"

echo two >d/a
rm d/b
echo new >d/c
pack
build_only
equal "$(in_image out)" two
equal "$(ls "$t/unpacked/rootfs/data" | tr '\n' ' ')" 'a c '
SOURCE_DATE_EPOCH=1 build --tag a
incremental=$(image_digest)
rm -rf .kasane
export KASANE_STORE=$t/store2
new_store "$KASANE_STORE"
SOURCE_DATE_EPOCH=1 build --tag a
equal "$(image_digest)" "$incremental"

# Nobody needs to unpack it again.
rm -rf .kasane
build --tag a
build_only
expect_no_work
