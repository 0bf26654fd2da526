#!/bin/bash
. "$(dirname "$0")/common.inc"
small_context
generate -t small:1
build_only oci archive
quietly skopeo inspect oci:.kasane/out/oci:1
quietly skopeo inspect --config oci:.kasane/out/oci:1
quietly skopeo copy oci:.kasane/out/oci:1 "dir:$t/dir"
quietly skopeo copy --dest-tls-verify=false oci:.kasane/out/oci "docker://$REG/e2e/$test_name-$$:latest"
quietly umoci unpack --image .kasane/out/oci:1 "$t/unpacked"
cmp "$t/unpacked/rootfs/app/out.txt" <(printf 'main\none\ntwo\n')
# The archive is a docker-archive and an OCI archive at once.
quietly skopeo inspect docker-archive:.kasane/out/image.tar
quietly skopeo inspect oci-archive:.kasane/out/image.tar
quietly test_podman load -i .kasane/out/image.tar
contains "$t/quietly.log" small:1
network=none
equal "$(podman_run --rm small:1)" $'main\none\ntwo'
