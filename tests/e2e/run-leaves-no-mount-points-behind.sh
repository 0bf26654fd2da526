#!/bin/bash
# What is mounted for a RUN (/etc/hosts, resolv.conf, /proc, /dev, /sys) is not in its layer.
. "$(dirname "$0")/common.inc"
printf 'FROM alpine:latest\nRUN echo x >/x; cat /etc/hosts /etc/resolv.conf /proc/self/status >/dev/null; ls /dev /sys >/dev/null\n' >Dockerfile
build
quietly ninja oci
quietly skopeo copy oci:.kasane/out/oci "dir:$t/dir"
layer=$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["layers"][-1]["digest"][7:])' "$t/dir/manifest.json")
equal "$(tar tzf "$t/dir/$layer" | sort | tr '\n' ' ')" 'x '
