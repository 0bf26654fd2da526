#!/bin/bash
. "$(dirname "$0")/common.inc"
small_context
generate -t small -o "type=oci,dest=$t/oci.tar"
build_only image
quietly skopeo inspect "oci-archive:$t/oci.tar"
quietly "$ocidiff" .kasane/out/oci "$t/oci.tar"
generate -t small -o "type=docker,dest=$t/docker.tar"
build_only image
quietly skopeo inspect "docker-archive:$t/docker.tar"
echo changed >main.txt
build_only image
quietly "$ocidiff" .kasane/out/oci "$t/docker.tar"
