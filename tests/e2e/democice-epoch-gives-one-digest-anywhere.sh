#!/bin/bash # slow
. "$(dirname "$0")/common.inc"
mkdir "$t/elsewhere"
n=0
for epoch in 0 4000000000; do
  export SOURCE_DATE_EPOCH=$epoch
  for place in "$ctx" "$t/elsewhere"; do
    export KASANE_STORE=$t/store-$epoch-${place##*/}
    new_store "$KASANE_STORE"
    cd "$place"
    democice
    touch -d "2020-02-02 02:02:0$((++n))" * .dockerignore
    build "${democice_options[@]}"
    image_digest >>"$t/digests-$epoch"
    rm -rf "$KASANE_STORE"
  done
  equal "$(sort -u "$t/digests-$epoch" | wc -l)" 1
done
