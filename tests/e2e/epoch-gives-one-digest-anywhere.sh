#!/bin/bash
# Two directories, two stores, other times of the sources: one digest. Before and after the sources' times.
. "$(dirname "$0")/common.inc"
small_context
mkdir "$t/elsewhere"
cp -R "$ctx" "$t/elsewhere/another-name"
for epoch in 0 4000000000; do
  export SOURCE_DATE_EPOCH=$epoch
  cd "$ctx"
  export KASANE_STORE=$t/store
  build
  first=$(image_digest)
  cd "$t/elsewhere/another-name"
  find . -exec touch -h -d '2020-02-02 02:02:02' {} +
  export KASANE_STORE=$t/store$epoch
  new_store "$KASANE_STORE"
  build
  equal "$(image_digest)" "$first"
done
