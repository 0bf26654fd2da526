#!/bin/bash
# The main context is a branch: gen by hand finds out which commit that is, ninja alone keeps it and asks nobody.
. "$(dirname "$0")/common.inc"
. "$here/fileserver.inc"
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@a GIT_COMMITTER_NAME=c GIT_COMMITTER_EMAIL=c@c
git init -q -b main "$t/r"
mkdir "$t/r/app"
printf 'FROM alpine:latest\nCOPY f /f\nCOPY g /g\n' >"$t/r/app/Dockerfile"
echo g >"$t/r/app/g"
edit() {
  echo "$1" >"$t/r/app/f"
  git -C "$t/r" add .
  git -C "$t/r" commit -qm "$1"
  git -C "$t/r" push -q "$t/www/r.git" main
}
git clone -q --bare "$t/r" "$t/www/r.git" 2>/dev/null
edit one
build "$url/r.git#main:app"
equal "$(in_image f)" one
build "$url/r.git#main:app"
expect_no_work
edit two
forget
rm .kasane/stamp
build_only
expect_no_work
equal "$(requests .)" 0
build "$url/r.git#main:app"
contains "$t/ninja.log" 'ran COPY f'
contains "$t/ninja.log" 'hit COPY g'
equal "$(in_image f)" two

# A commit is asked for once, and what the store has needs no server.
commit=$(git -C "$t/r" rev-parse HEAD)
build "$url/r.git?ref=$commit&subdir=app"
stop_server
build "$url/r.git?ref=$commit&subdir=app"
expect_no_work
gen "$url/r.git#main:app" >"$t/out" 2>&1 && fail 'a server that is gone was reached'
contains "$t/out" "error: context $url/r.git#main:app: "
build_only
expect_no_work
