#!/bin/bash
# A large layer, made anew and made of what earlier ones hold: what tar, gzip, pigz, umoci, skopeo and podman make of it.
. "$(dirname "$0")/common.inc"
export SOURCE_DATE_EPOCH=1700000000
"$top/tests/bench/synthetic.py" --files 600 --bytes 8000000 data
head -c 5000000 "$(command -v gen)" >data/big
mkdir -p "data/with space/$(printf 'n%.0s' {1..120})"
echo odd >"data/with space/$(printf 'n%.0s' {1..120})/é"
ln data/big data/linked
ln -s ../elsewhere data/link
printf 'FROM scratch\nCOPY data /data\n' >Dockerfile
# The layer's blob.
layer() { python3 -c 'import json, sys
m = json.load(open("blobs/sha256/" + json.load(open("index.json"))["manifests"][0]["digest"][7:]))
print("blobs/sha256/" + m["layers"][-1]["digest"][7:])'; }
check() {
  (
    cd .kasane/out/oci
    blob=$(layer)
    gzip -t <"$blob"
    pigz -t <"$blob"
    rm -rf "$t/tar" "$t/unpacked"
    mkdir "$t/tar"
    tar xzf "$blob" -C "$t/tar"
    quietly diff -r --no-dereference "$t/tar/data" "$ctx/data"
    quietly umoci unpack --image .:latest "$t/unpacked"
    quietly diff -r --no-dereference "$t/unpacked/rootfs/data" "$ctx/data"
    quietly skopeo copy oci:.:latest "dir:$t/copied"
    id=$(test_podman pull -q "dir:$t/copied")
    quietly diff -r --no-dereference "$(test_podman image mount "$id")/data" "$ctx/data"
    quietly test_podman image unmount "$id"
  )
}
generate -t latest
build_only image
check
echo edited >data/d00/e03/f00350.txt
printf x | dd of=data/big bs=1 seek=2500000 conv=notrunc status=none
rm data/d00/e01/f00150.txt
build -t latest
check
edited=$(image_digest)
rm -rf .kasane
new_store "$t/clean"
KASANE_STORE=$t/clean build -t latest
equal "$edited" "$(image_digest)"
