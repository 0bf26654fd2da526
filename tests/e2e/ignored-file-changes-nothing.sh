#!/bin/bash
. "$(dirname "$0")/common.inc"
small_context
build
echo more >>README.md
echo new >NEWS.md
build_only image
expect_edges
rm NEWS.md
build
expect_edges
