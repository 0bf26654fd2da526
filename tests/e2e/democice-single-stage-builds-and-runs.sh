#!/bin/bash # slow
# Go's build cache stays in this image, and its index files hold the time of day.
. "$(dirname "$0")/common.inc"
democice
cmp Dockerfile.single "$top/tests/examples/democice/Dockerfile.single"
build "${democice_options[@]}" -f Dockerfile.single
quietly ninja archive
answers_ping "$(load_archive)"
buildkit_options=(--opt filename=Dockerfile.single)
same_as_buildkit --ignore 'root/.cache/go-build/*'
