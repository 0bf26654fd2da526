#!/bin/bash
. "$(dirname "$0")/common.inc"
digest=$(skopeo inspect --tls-verify=false --format '{{.Digest}}' "docker://$REG/library/alpine:latest")
printf 'FROM alpine@%s\nRUN echo a >/a\n' "$digest" >Dockerfile
build
equal "$(in_image a)" a
printf 'FROM alpine:latest@%s\nRUN echo b >/b\n' "$digest" >Dockerfile
build
equal "$(in_image b)" b
