#!/bin/bash
# gen bake reads what the services of a compose.yaml build: anchors, variables, .env, inline Dockerfiles, secrets, the
# image of another service; mistakes have a place, and .env is an input.
. "$(dirname "$0")/common.inc"
mkdir app
printf 'FROM base\nARG A B\nRUN --mount=type=secret,id=tok echo "$A $B $(cat /v /run/secrets/tok)" >/out\n' >app/File
echo secret >tok
cat >compose.yaml <<'Y'
x-args: &args {A: anchored}
services:
  app:
    image: "app:${TAG:-1}"
    build:
      context: app
      dockerfile: File
      args: {<<: *args, B: $VERSION}
      additional_contexts: {base: "service:base"}
      secrets: [tok]
      cache_from: [x]
  base:
    build:
      dockerfile_inline: |
        FROM alpine:latest
        RUN echo "$${HOME}" >/v
  web: {image: nginx}
secrets: {tok: {file: ./tok}}
Y
TAG=2 gen bake 2>"$t/out" || fail "$(cat "$t/out")"
contains "$t/out" 'compose.yaml:11:7: warning: `cache_from` means nothing here'
in_app() { (cd .kasane/app && ninja() { TAG=2 command ninja -C "$ctx" app; } && in_image "$1"); }
TAG=2 build_only app
echo VERSION=9 >.env # it was looked for
TAG=2 build_only app
TAG=2 build_only all-images && expect_no_work
equal "$(in_app out)" $'anchored 9 /root\nsecret'
contains .kasane/app/.kasane/out/oci/index.json app:2
sed -i 's/9/10/' .env
TAG=2 build_only app
equal "$(in_app out)" $'anchored 10 /root\nsecret'
sed -i 's/service:base/service:bse/' compose.yaml
gen bake compose.yaml >"$t/out" 2>&1 && fail 'a service that is not there was found'
contains "$t/out" $'compose.yaml:9:29: error: there is no service `bse`'
contains "$t/out" 'did you mean `base`?'
mv compose.yaml docker-compose.yml
gen bake >"$t/out" 2>&1 && fail 'it is still wrong'
contains "$t/out" 'docker-compose.yml:9:29: error'
