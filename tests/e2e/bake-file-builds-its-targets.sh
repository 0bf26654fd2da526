#!/bin/bash
# gen bake reads a docker-bake.json: targets, inheritance, variables, matrix, groups, contexts of other targets; and
# kasane.toml has a matrix too.
. "$(dirname "$0")/common.inc"
mkdir app
cat >app/Dockerfile <<'D'
FROM base
ARG A
RUN echo "$A $(cat /v)" >/out
D
cat >Base <<'D'
FROM alpine:latest
ARG V
RUN echo "$V" >/v
D
cat >docker-bake.json <<'J'
{"variable": {"TAG": {"default": "1"}},
 "group": {"default": {"targets": ["app"]}},
 "target": {
  "_common": {"args": {"A": "inherited"}},
  "app": {"inherits": ["_common"], "context": "app", "tags": ["app:${TAG}"], "contexts": {"base": "target:base-9"}},
  "base": {"dockerfile": "Base", "matrix": {"v": ["8", "9"]}, "name": "base-${v}", "args": {"V": "${v}"},
           "cache-from": ["type=inline"]}}}
J
TAG=2 gen bake 2>"$t/out" || fail "$(cat "$t/out")"
contains "$t/out" 'docker-bake.json:7:12: warning: "cache-from" of target base means nothing here'
TAG=2 build_only default
build_only default && expect_no_work
cd .kasane/app && equal "$(in_image out)" 'inherited 9' && contains .kasane/out/oci/index.json app:2 && cd ../..
build_only base # base-9 is there
equal "$(grep -c '^.0. RUN' "$t/edges")" 1
sed -i 's/\["app:${TAG}"\]/"app"/' docker-bake.json
gen bake >"$t/out" 2>&1 && fail 'tags is no list'
contains "$t/out" 'docker-bake.json:5:62: error: "tags" of target app is a list'
rm -rf .kasane build.ninja
printf '[image.base]\ndockerfile = "Base"\nmatrix = { v = ["8", "9"] }\nname = "base-${v}"\nargs = { V = "${v}" }\n' >kasane.toml
generate && build_only base && cd .kasane/base-8 && equal "$(in_image v)" 8
