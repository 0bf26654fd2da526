#!/bin/bash
# gen build and gen watch where gen bake has read a compose.yaml: its images; each save of it, of what it includes and of a .env
# that was not there makes another round. A target that is none ends gen watch.
. "$(dirname "$0")/common.inc"
. "$(dirname "$0")/watch.inc"
mkdir inc
printf 'include: [inc/c.yaml]\nservices: {app: {build: {dockerfile_inline: "FROM alpine:latest\\nCOPY f /f\\n"}}}\n' >compose.yaml
printf 'services: {one: {build: {dockerfile_inline: "FROM scratch\\nLABEL v=${V:-0}\\n"}}}\n' >inc/c.yaml
echo f >f
quietly gen bake
gen build --progress=quiet >"$t/out"
equal "$(wc -l <"$t/out")" 2
contains "$t/out" '  app'
sed -i 's/COPY f/COPY --chmod=600 f/' compose.yaml
gen build --progress=plain >"$t/out"
contains "$t/out" '[app] COPY --chmod=600 f /f'
! gen watch nosuch >"$t/out" 2>&1 || fail 'it watches for nothing'
contains "$t/out" "unknown target 'nosuch'"
start_watch
until_line 'first build: nothing to do'
echo g >f
until_line '^[0-9:]+ f: 3 ran'
echo V=2 >inc/.env
until_line 'inc/.env: 1 ran'
sed -i 's/LABEL v/LABEL w/' inc/c.yaml
until_line 'inc/c.yaml: 1 ran'
kill -TERM "$watch"
wait "$watch" || true
gen history one >"$t/out"
contains "$t/out" 'LABEL w=2'
