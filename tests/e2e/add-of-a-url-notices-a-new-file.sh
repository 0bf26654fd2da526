#!/bin/bash
# gen asks the server whether a file is the same still; ninja alone does not. What has a checksum is never asked for
# again; what has no ETag is fetched at every gen, but equal content runs nothing else.
. "$(dirname "$0")/common.inc"
. "$here/fileserver.inc"
echo one >"$t/www/f"
echo pinned >"$t/www/p"
sum=$(sha256sum <"$t/www/p" | cut -d' ' -f1)
cat >Dockerfile <<D
FROM alpine:latest
ADD $url/f /f
ADD --checksum=sha256:$sum $url/p /p
ADD $url/f?no-etag /untold
RUN cat /f /p >/out
D
build
equal "$(in_image out)" "one"$'\n'pinned
forget
build_only
equal "$(requests .)" 0
expect_no_work

build
equal "$(requests 'HEAD /f 304')" 1
equal "$(requests 'GET /f[?]no-etag 200')" 1
equal "$(requests /p)" 0
expect_edges 'get .*no-etag' # and nothing behind it

echo two >"$t/www/f"
forget
build_only
expect_no_work
build
equal "$(requests 'GET /f 200')" 1
equal "$(in_image out)" "two"$'\n'pinned
equal "$(cat "$t/unpacked/rootfs/untold")" two

# Without .kasane the store knows the file by its ETag.
rm -rf .kasane
forget
build
equal "$(requests 'GET /f 304')" 1
equal "$(requests /p)" 0

stop_server
if gen >"$t/out" 2>&1; then fail 'gen with no server'; fi
contains "$t/out" "Dockerfile:2:5: error: $url/f: cannot reach"
sed -i '/etag/d;/ADD .*f$/d;s/cat .f/cat/' Dockerfile
rm -rf .kasane
build
equal "$(in_image out)" pinned
