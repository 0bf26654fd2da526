#!/bin/bash
. "$(dirname "$0")/common.inc"
small_context
build
touch main.txt
build_only image
expect_edges '\] COPY'
build_only image
expect_no_work
touch main.txt # the same through gen
build
expect_edges '\] COPY'
build
expect_no_work
