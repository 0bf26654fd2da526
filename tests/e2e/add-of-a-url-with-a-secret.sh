#!/bin/bash
# The secret HTTP_AUTH_TOKEN_host opens a file of ADD, for the edge and for gen's question whether it is the same; no byte
# of it stays anywhere. Without it the server's refusal is said.
. "$(dirname "$0")/common.inc"
export TOKEN=t0$RANDOM$RANDOM$RANDOM
. "$here/fileserver.inc"
printf 'Bearer %s' "$TOKEN" >"$t/www/.authorization"
echo one >"$t/www/f"
printf 'FROM scratch\nADD %s/f /f\n' "$url" >Dockerfile
build --secret id=HTTP_AUTH_TOKEN_127.0.0.1,env=TOKEN
equal "$(in_image f)" one
echo two >"$t/www/f"
build --secret id=HTTP_AUTH_TOKEN_127.0.0.1,env=TOKEN
equal "$(in_image f)" two
equal "$(requests ' 401')" 0
if grep -rlaF -- "$TOKEN" "$KASANE_STORE" "$ctx" "$t/unpacked" "$t/ninja.log" "$t/requests"; then fail 'found'; fi
if gen >"$t/out" 2>&1; then fail 'opened without the secret'; fi
contains "$t/out" "Dockerfile:2:5: error: $url/f: the server answers 401"
