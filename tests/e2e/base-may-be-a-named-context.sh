#!/bin/bash
# FROM a name that a directory, an image or a stage stands for.
. "$(dirname "$0")/common.inc"
mkdir "$t/root"
echo one >"$t/root/f"
printf 'FROM name AS base\nCOPY main /main\nFROM alpine:latest AS stage\nRUN echo stage >/s\nFROM base\n' >Dockerfile
echo main >main
build --build-context name="$t/root"
equal "$(in_image f)$(cat "$t/unpacked/rootfs/main")" onemain
echo two >"$t/root/f"
build_only
equal "$(in_image f)" two

printf 'FROM name\nRUN cat /etc/passwd >/p\n' >Dockerfile
build --build-context name=docker-image://alpine
unpack
equal "$(cat "$t/unpacked/rootfs/p")" "$(cat "$t/unpacked/rootfs/etc/passwd")"

printf 'FROM alpine:latest AS a\nRUN echo a >/f\nFROM alpine:latest AS b\nRUN echo b >/f\nFROM alpine:latest\nCOPY --from=name /f /g\n' >Dockerfile
build --build-context name=target:a
equal "$(in_image g)" a
build --build-context name=target:b
equal "$(in_image g)" b
gen --build-context name=target:c >"$t/out" 2>&1 && fail 'a stage that is not there was taken'
contains "$t/out" 'the context name is to be the stage "c", but there is none such'
