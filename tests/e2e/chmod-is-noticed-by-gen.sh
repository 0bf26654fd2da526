#!/bin/bash
. "$(dirname "$0")/common.inc"
small_context
sed -i 's/^RUN .*/RUN stat -c %a main.txt >\/out.txt/' Dockerfile
chmod 644 main.txt
build
chmod 600 main.txt
build
expect_edges '\] COPY \. \.' '\] RUN stat' '\] COPY --from' 'layer of' '^image'
equal "$(in_image app/out.txt)" 600
chmod 644 main.txt
build
equal "$(in_image app/out.txt)" 644
