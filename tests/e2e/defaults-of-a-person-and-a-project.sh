#!/bin/bash
# What config.toml and kasane.toml give every build; the command line counts before them; a regeneration notices both.
. "$(dirname "$0")/common.inc"
export KASANE_CONFIG=$t/config/config.toml
printf 'FROM alpine:latest\nARG A=own B=own\nRUN echo "$A $B" >/out\n' >Dockerfile
build
equal "$(in_image out)" 'own own'
build_only image && expect_no_work
mkdir "$t/config" # the file appears
printf '[defaults]\nargs = { A = "person", B = "person" }\nlabels = { of = "person" }\n' >"$KASANE_CONFIG"
build_only image
equal "$(in_image out)" 'person person'
build_only image && expect_no_work
printf '[variables]\nV = "project"\n[defaults]\nargs = { B = "${V}" }\n' >kasane.toml # no images: gen alone is the context
gen --build-arg A=typed 2>"$t/err"
contains "$t/err" "note: $KASANE_CONFIG adds --build-arg=A=person --build-arg=B=person --label=of=person"
build_only image
equal "$(in_image out)" 'typed project'
sed -i 's/"project"/"changed"/' kasane.toml
build_only image
equal "$(in_image out)" 'typed changed'
rm -r "$t/config"
build_only image
build_only image && expect_no_work
gen history | grep -q 'of=person' && fail 'what is gone counts'
mkdir "$t/config"
printf '[defaults]\ntags = ["x"]\n' >"$KASANE_CONFIG"
code=0
ninja >"$t/err" 2>&1 || code=$?
equal "$code" 1
contains "$t/err" "$KASANE_CONFIG:2:1: error: unknown key \`tags\`"
printf '[defaults]\nnetwork = "x"\n' >"$KASANE_CONFIG"
gen 2>"$t/err" && fail 'a network x'
contains "$t/err" "$KASANE_CONFIG: error: --network: unknown network"
# In a workspace a person's defaults lie below those of the file.
printf '[defaults]\nargs = { A = "person", B = "person" }\n' >"$KASANE_CONFIG"
printf '[defaults]\nargs = { B = "project" }\n[image.one]\n[image.two]\n' >kasane.toml
rm -rf .kasane build.ninja
gen 2>"$t/err" && build_only one
equal "$(grep -c '^note: ' "$t/err")" 1
equal "$(cd .kasane/one && ninja() { command ninja -C "$ctx" one; } && in_image out)" 'person project'
