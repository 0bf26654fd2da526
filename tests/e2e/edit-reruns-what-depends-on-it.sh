#!/bin/bash
. "$(dirname "$0")/common.inc"
small_context
build
echo changed >main.txt
build_only image
expect_edges '\] COPY \. \.' '\] RUN cat' '\] COPY --from' 'layer of' '^image'
equal "$(in_image app/out.txt)" $'changed\none\ntwo'
build_only image
expect_no_work
