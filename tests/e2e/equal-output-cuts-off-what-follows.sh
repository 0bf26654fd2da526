#!/bin/bash
# A RUN that reruns and makes the same file prunes the COPY --from, the layer and the image.
. "$(dirname "$0")/common.inc"
small_context
sed -i 's/^RUN .*/RUN wc -c <main.txt >\/out.txt/' Dockerfile
build
echo MAIN >main.txt
build
expect_edges '\] COPY \. \.' '\] RUN wc' '\] COPY --from'
