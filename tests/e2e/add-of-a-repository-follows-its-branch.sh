#!/bin/bash
# gen finds out which commit a branch is, ninja alone keeps it; a commit is not asked for again.
. "$(dirname "$0")/common.inc"
. "$here/fileserver.inc"
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@a GIT_COMMITTER_NAME=c GIT_COMMITTER_EMAIL=c@c
git init -q -b main "$t/r"
edit() {
  echo "$1" >"$t/r/f"
  git -C "$t/r" add .
  git -C "$t/r" commit -qm "$1"
  git -C "$t/r" push -q "$t/www/r.git" main
}
git clone -q --bare "$t/r" "$t/www/r.git" 2>/dev/null
edit one
commit=$(git -C "$t/r" rev-parse HEAD)
printf 'FROM alpine:latest\nADD %s/r.git /r\nADD %s/r.git#%s /pinned\nRUN cat /r/f /pinned/f >/out\n' "$url" "$url" "$commit" >Dockerfile
build
equal "$(in_image out)" one$'\n'one
build
expect_no_work

edit two
touch new-file # so that ninja regenerates
forget
build_only
expect_no_work
equal "$(requests .)" 0
build
equal "$(in_image out)" two$'\n'one

# What is in the store needs no server.
stop_server
rm -rf .kasane
sed -i 2d Dockerfile
sed -i 's,/r/f ,,' Dockerfile
build
equal "$(in_image out)" one
