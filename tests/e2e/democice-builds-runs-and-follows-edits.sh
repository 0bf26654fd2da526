#!/bin/bash # slow
# The real example, byte for byte: it answers /ping, equals BuildKit's image, and an edit reruns what depends on it.
. "$(dirname "$0")/common.inc"
democice
cmp Dockerfile "$top/tests/examples/democice/Dockerfile"
build "${democice_options[@]}" -t democice
quietly ninja archive
answers_ping "$(load_archive)"
build_only image
expect_no_work
touch main.go
build_only image
expect_edges '\] COPY \. \.'
sed -i 's/"pong"/"PONG"/' main.go
build_only image
expect_edges '\] COPY \. \.' '\] RUN .*go build' '\] COPY --from' 'layer of' '^image'
sed -i 's/"PONG"/"pong"/' main.go
generate "${democice_options[@]}" -t democice
equal "$(sandboxes ninja image)" 0
same_as_buildkit
