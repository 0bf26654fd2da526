#!/bin/bash
# The secret GIT_AUTH_TOKEN opens repositories, for gen's question which commit a branch is and for the edge, in ADD and as
# the main context; that of the host comes first; no byte of it stays anywhere. Without it the server's refusal is said.
. "$(dirname "$0")/common.inc"
export TOKEN=t0$RANDOM$RANDOM$RANDOM
basic=$(printf x-access-token:%s "$TOKEN" | base64 -w0)
. "$here/fileserver.inc"
printf 'basic %s' "$basic" >"$t/www/.authorization"
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@a GIT_COMMITTER_NAME=c GIT_COMMITTER_EMAIL=c@c
git init -q -b main "$t/r"
printf 'FROM scratch\nADD %s/r.git#main /r\n' "$url" | tee Dockerfile >"$t/r/Dockerfile"
git -C "$t/r" add .
git -C "$t/r" commit -qm one
git clone -q --bare "$t/r" "$t/www/r.git"
git -C "$t/www/r.git" update-server-info

if gen >"$t/out" 2>&1; then fail 'opened without the secret'; fi
contains "$t/out" "Dockerfile:2:5: error: "
build --secret id=GIT_AUTH_TOKEN,env=TOKEN
in_image r/Dockerfile | cmp - Dockerfile
mkdir "$t/elsewhere"
cd "$t/elsewhere"
rm -rf "$KASANE_STORE"
new_store "$KASANE_STORE"
export WRONG=wrong HEADER="basic $basic"
build --secret id=GIT_AUTH_HEADER,env=WRONG --secret "id=GIT_AUTH_HEADER.${url#http://},env=HEADER" "$url/r.git#main"
in_image r/Dockerfile | cmp - "$ctx/Dockerfile"
for secret in "$TOKEN" "$basic"; do
  if grep -rlaF -- "$secret" "$KASANE_STORE" "$ctx" "$t/elsewhere" "$t/unpacked" "$t/ninja.log" "$t/requests"; then fail 'found'; fi
done
