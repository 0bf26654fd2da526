#!/bin/bash
. "$(dirname "$0")/common.inc"
small_context
build
sed -i 's/EXPOSE 8080/EXPOSE 8081/' Dockerfile
build
expect_edges '^image'
quietly ninja oci
quietly skopeo inspect --config oci:.kasane/out/oci
contains "$t/quietly.log" 8081/tcp
sed -i 's/EXPOSE 8081/EXPOSE 8082/' Dockerfile
build_only image # ninja alone sees the Dockerfile too
contains "$t/edges" image
! grep -qE 'COPY|RUN|layer' "$t/edges" || fail "more than the image: $(cat "$t/edges")"
