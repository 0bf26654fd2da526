#!/bin/bash
# SOURCE_DATE_EPOCH=STAGE asks the server when gen is typed by hand; ninja's regeneration needs no server. A newer file is
# a newer epoch.
. "$(dirname "$0")/common.inc"
. "$here/fileserver.inc"
echo one >"$t/www/f"
touch -d 2020-01-01Z "$t/www/f"
cat >Dockerfile <<D
FROM scratch AS source
ADD $url/f /
FROM scratch
COPY g /
D
echo g >g
created() { quietly ninja oci && skopeo inspect --config oci:.kasane/out/oci | python3 -c 'import json,sys; print(json.load(sys.stdin)["created"])'; }
build --build-arg SOURCE_DATE_EPOCH=source
equal "$(created)" 2020-01-01T00:00:00Z
touch -d 2021-01-01Z "$t/www/f"
echo two >"$t/www/f"
touch -d 2021-01-01Z "$t/www/f"
build --build-arg SOURCE_DATE_EPOCH=source
equal "$(created)" 2021-01-01T00:00:00Z
stop_server
echo new >h
sed -i 's/COPY g/COPY g h/' Dockerfile
build_only
equal "$(created)" 2021-01-01T00:00:00Z
if gen --build-arg SOURCE_DATE_EPOCH=source >"$t/out" 2>&1; then fail 'gen with no server'; fi
contains "$t/out" "Dockerfile:2:5: error: $url/f: cannot reach"
