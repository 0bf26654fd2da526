#!/bin/bash
# A RUN whose cache was emptied runs again if, and only if, a later RUN mounts the same cache.
. "$(dirname "$0")/common.inc"
cat >Dockerfile <<'D'
FROM alpine:latest
RUN --mount=type=cache,id=c,target=/c echo fetched >/c/file
COPY n /n
RUN --mount=type=cache,id=c,target=/c cat /n /c/file >/out
RUN --mount=type=cache,id=alone,target=/c touch /c/x
D
echo 1 >n
build
quietly gen cache rm c
quietly gen cache rm alone
equal "$(gen cache ls)" 'no caches'
echo 2 >n
build
equal "$(in_image out)" $'2\nfetched'
equal "$(grep -c '^ran RUN' "$t/ninja.log")" 2
contains "$t/ninja.log" 'a cache that later RUNs count on was emptied'
# The command says so to ninja, too: the first RUN runs, the others have what they had.
quietly gen cache rm --all
build_only image
equal "$(grep -c '^ran RUN' "$t/ninja.log")" 1
build
expect_no_work
