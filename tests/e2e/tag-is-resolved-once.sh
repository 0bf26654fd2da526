#!/bin/bash
# A no-op asks no registry, and a moved tag is followed with --pull only.
. "$(dirname "$0")/common.inc"
name=$REG/e2e/tag-$$
push() { quietly skopeo copy --dest-tls-verify=false --src-tls-verify=false "docker://$REG/library/alpine:latest" "docker://$name:latest"; }
push
printf 'FROM %s\nCOPY x /\n' "$name" >Dockerfile
echo x >x
build
printf 'FROM alpine:latest\nLABEL moved=yes\n' >"$t/Moved"
mkdir "$t/moved"
(cd "$t/moved" && quietly gen -f "$t/Moved" -t "$name:latest" . && quietly ninja push)
build
expect_no_work
build --pull
quietly ninja oci
quietly skopeo inspect oci:.kasane/out/oci
contains "$t/quietly.log" '"moved": "yes"'
CONTAINERS_REGISTRIES_CONF=/dev/null build # and none is asked
