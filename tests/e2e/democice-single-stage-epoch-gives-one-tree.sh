#!/bin/bash # slow
# By tree, without Go's build cache, whose index files hold the time of day.
. "$(dirname "$0")/common.inc"
mkdir "$t/elsewhere"
export SOURCE_DATE_EPOCH=0
for place in "$ctx" "$t/elsewhere"; do
  export KASANE_STORE=$t/store-${place##*/}
  new_store "$KASANE_STORE"
  cd "$place"
  democice
  build "${democice_options[@]}" -f Dockerfile.single
  quietly ninja oci
done
quietly "$ocidiff" --mtime --ignore 'root/.cache/go-build/*' "$ctx/.kasane/out/oci" "$t/elsewhere/.kasane/out/oci"
