#!/bin/bash
# `gen -f - CONTEXT` and `gen - <Dockerfile`: the Dockerfile is kept, ninja regenerates without standard input.
. "$(dirname "$0")/common.inc"
echo one >f
echo left-out >g
echo g >.dockerignore
printf 'FROM alpine:latest\nCOPY . /w/\n' | quietly gen -f - .
build_only
equal "$(in_image w/f)" one
[ ! -e "$t/unpacked/rootfs/w/g" ] || fail 'an ignored file was copied'
build_only </dev/null
expect_no_work
echo two >f
echo new >h
build_only </dev/null
equal "$(in_image w/h)" new
[ ! -e Dockerfile ] || fail 'a Dockerfile was left in the context'
printf '\n# a comment\nFROM alpine:latest\nCOPY . /w/\n' | quietly gen -f -
build_only
expect_no_work
# A step that fails shows the line, though there is no file.
printf 'FROM alpine:latest\nRUN echo oops; exit 3\n' | quietly gen -f -
ninja </dev/null >"$t/out" 2>&1 && fail 'a failing RUN went through'
contains "$t/out" 'RUN echo oops; exit 3'

# Alone: there is no context.
mkdir "$t/alone"
cd "$t/alone"
echo unseen >f
printf 'FROM alpine:latest\nCOPY <<E /e\nhello\nE\nCOPY . /all/\n' | quietly gen -
build_only
equal "$(in_image e)" hello
[ ! -e "$t/unpacked/rootfs/all/f" ] || fail 'there is a context'
rm .kasane/stamp
build_only </dev/null
expect_no_work
printf 'FROM alpine:latest\nCOPY f /\n' | gen - >"$t/out" 2>&1 && fail 'a file was found in no context'
contains "$t/out" '"f" not found in the build context'
printf 'FROM scratch\n' | gen -f x - >"$t/out" 2>&1 && fail 'two Dockerfiles were taken'
contains "$t/out" 'contradicts -f x'
gen -f - - </dev/null >"$t/out" 2>&1 && fail 'standard input was read twice'
contains "$t/out" 'standard input cannot be both'

# Afterwards a plain gen is a plain gen.
printf 'FROM scratch\nCOPY f /f\n' >Dockerfile
build
equal "$(in_image f)" unseen
[ ! -e .kasane/inputs ] || fail 'what is not needed was kept'
