#!/bin/bash
# Where the file system can share blocks between files, a COPY of a large file takes no further ones.
. "$(dirname "$0")/common.inc"
truncate -s 400M "$t/disk"
mkfs.xfs -q "$t/disk"
mkdir "$t/mnt"
mount -o loop "$t/disk" "$t/mnt" 2>"$t/error" || skip "cannot mount: $(cat "$t/error")"
trap 'cd /; umount "$t/mnt"; cleanup' EXIT
mkdir "$t/mnt/ctx"
cd "$t/mnt/ctx"
head -c 100000000 /dev/urandom >large
printf 'FROM scratch\nCOPY large /\n' >Dockerfile
used() { sync -f . && df --output=used -B1 . | tail -1; }
export KASANE_STORE=$t/mnt/store
generate
before=$(used)
build_only stage/0
grown=$(($(used) - before))
[ "$grown" -lt 20000000 ] || fail "the store took $grown bytes"
blob=$KASANE_STORE/blobs/sha256/$(sha256sum large | cut -c1-2)/$(sha256sum large | cut -d' ' -f1)
cmp large "$blob"
equal "$(stat -c %a "$blob")" 444
# It is the store's own: an edit of the file does not reach it.
printf x | dd of=large conv=notrunc status=none
if cmp -s large "$blob"; then fail 'the blob has changed'; fi
# From another file system it is copied.
cp large "$ctx/large"
printf 'FROM scratch\nCOPY large /\n' >"$ctx/Dockerfile"
cd "$ctx"
build
cmp large "$KASANE_STORE/blobs/sha256/$(sha256sum large | cut -c1-2)/$(sha256sum large | cut -d' ' -f1)"
cd /
