#!/bin/bash
# The second emitter: the graph, replayed from JSON without ninja, in another directory and store, gives the same image.
. "$(dirname "$0")/common.inc"
small_context
cp -R "$ctx" "$t/replayed"
export SOURCE_DATE_EPOCH=1
build -t small
digest=$(image_digest)
cd "$t/replayed"
KASANE_STORE=$t/store2
new_store "$KASANE_STORE"
generate -t small
gen dump graph -t small >"$t/graph.json"
quietly python3 "$here/replay.py" "$t/graph.json"
equal "$(python3 -c 'import json; print(json.load(open(".kasane/out/oci/index.json"))["manifests"][0]["digest"])')" "$digest"
equal "$(gen dump graph -t small)" "$(cat "$t/graph.json")"
