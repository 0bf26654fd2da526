#!/bin/bash
# The line of the example's comment: FROM amd64/golang:latest as build_stage, with busybox in its place.
. "$(dirname "$0")/common.inc"
cat >Dockerfile <<'D'
FROM amd64/alpine:latest as build_stage
RUN echo a >/a
from build_stage AS Second
RUN echo b >/b
FROM scratch
COPY --from=build_stage /a /by-name
COPY --from=0 /a /by-index
COPY --from=SECOND /a /b /by-case/
D
build
equal "$(in_image by-name)$(in_image by-index)$(in_image by-case/b)" aab
