#!/bin/bash
# Neither build.ninja nor .kasane, nor ninja's log, with and without an ignore file; and the image is the clean tree's.
. "$(dirname "$0")/common.inc"
printf 'FROM alpine:latest\nCOPY . /all\n' >Dockerfile
echo x >x
build
build # the second time they are there
expect_no_work
unpack
equal "$(cd "$t/unpacked/rootfs/all" && find . | sort | tr '\n' ' ')" '. ./Dockerfile ./x '
