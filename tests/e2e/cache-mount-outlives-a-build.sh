#!/bin/bash
# What a RUN puts into a cache mount is there for the next one, is in no layer, and is no part of a key.
. "$(dirname "$0")/common.inc"
cat >Dockerfile <<'D'
FROM alpine:latest
COPY n /n
RUN --mount=type=cache,target=/cache cat /n >>/cache/log; cat /cache/log >/out
D
echo 1 >n
build
echo 2 >n
build
equal "$(in_image out)" $'1\n2'
[ ! -e "$t/unpacked/rootfs/cache" ] || fail 'the mount point is in the image'
# Another id for the same command: the result is found.
sed -i 's/type=cache,/type=cache,id=other,/' Dockerfile
equal "$(gen && sandboxes ninja image)" 0
# The same, undone: nothing of the cache counts.
echo 1 >n
build
grep -q '^hit RUN' "$t/ninja.log" || fail 'not found again'
gen cache ls >"$t/ls"
contains "$t/ls" /cache
gen cache ls --json >"$t/ls.json"
equal "$(python3 -c 'import json,sys; print([(c["id"], c["files"]) for c in json.load(open(sys.argv[1]))])' "$t/ls.json")" "[('/cache', 1)]"
