#!/bin/bash
# Bazel: one line in BUILD loads what gen bazel has written; a cc_binary is what a named context holds.
. "$(dirname "$0")/monorepo.inc"
prepare_bazel
rm CMakeLists.txt build.ninja
configure() { (cd deploy && quietly gen bazel -t "$app_name" --build-context bin=../out --generated ../out/server); }
build_targets() { mono_bazel build "$@"; }
make_all() { build_targets //deploy:app //deploy:app.layout //other; }
layout() { echo bazel-bin/deploy/app.layout; }
walk

# A new file that an image reads is noticed with no gen; so is an ignore file, which asks for one.
echo 'package main' >deploy/tool/more.go
all_built
grep -qE '^ran RUN' "$t/build.log" || fail 'a new file was not noticed:' "$(cat "$t/build.log")"
equal "$(cat bazel-bin/deploy/app.digest)" "$(digest)"
echo '*.txt' >>deploy/.dockerignore
if (make_all) >"$t/build.log" 2>&1; then fail 'an old image.bzl was used'; fi
contains "$t/build.log" 'image.bzl was made of another Dockerfile or ignore file'
contains "$t/build.log" "help: in that directory run: gen bazel -t $app_name"
configure
all_built
quietly build_targets //deploy:all
quietly skopeo inspect docker-archive:bazel-bin/deploy/app.image/.kasane/out/image.tar

# With statements beside the image: they follow what RUNs read.
statement() {
  python3 "$top/tests/e2e/statements.py" "$(layout)" "$1" >"$t/$1"
}
(cd deploy && quietly gen bazel -t "$app_name" --build-context bin=../out --generated ../out/server --sbom --provenance=mode=max)
all_built
statement sbom
contains "$t/sbom" pkg:golang/example.com/tool
statement provenance
contains "$t/provenance" '"context:tool/main.go"'
contains "$t/provenance" '"context:tool/more.go"'
all_built
equal "$(did ran)$(did hit)" ''
configure
all_built

into_an_engine mono_bazel run //deploy:app.load
pushed_by mono_bazel run //deploy:app.push
equal "$(mono_bazel run //deploy:app.run 2>"$t/build.log" | tail -1)" 'server two'

# Another image is FROM this one.
in_derived() { (cd derived && quietly gen bazel --build-context app=build://../deploy); }
in_derived
make_all() { build_targets //derived:derived.layout; }
layout() { echo bazel-bin/derived/derived.layout; }
from_is_another() {
  if (make_all) >"$t/build.log" 2>&1; then fail 'an old image.bzl was used'; fi
  contains "$t/build.log" 'help: in that directory run: gen bazel --build-context app=build://../deploy'
  in_derived
}
derived
equal "$(mono_bazel run //derived:derived.run 2>"$t/build.log" | tail -1)" 'server four'
echo 'ENV GREETING=hello' >>deploy/Dockerfile
configure
if (make_all) >"$t/build.log" 2>&1; then fail 'an old image.bzl was used'; fi
contains "$t/build.log" 'image.bzl was made of another version of the image that it is FROM'
in_derived
all_built
