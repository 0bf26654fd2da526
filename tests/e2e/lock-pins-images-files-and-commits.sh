#!/bin/bash
# gen lock pins tags, files and branches; builds use the lock file, --locked refuses what is not in it, and another file
# behind a URL; --pull renews it.
. "$(dirname "$0")/common.inc"
. "$here/fileserver.inc"
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@a GIT_COMMITTER_NAME=c GIT_COMMITTER_EMAIL=c@c
name=$REG/e2e/lock-$$
moved() { # all three names mean something else from now on
  printf 'FROM scratch\nCOPY <<F /image\n%s\nF\n' "$1" >"$t/Base"
  mkdir -p "$t/base" "$t/r"
  (cd "$t/base" && quietly gen -f "$t/Base" -t "$name:1" . && quietly ninja push)
  echo "$1" >"$t/r/commit"
  git init -q -b main "$t/r" 2>/dev/null
  git -C "$t/r" add . && git -C "$t/r" commit -qm x
  rm -rf "$t/www/r.git" && git clone -q --bare "$t/r" "$t/www/r.git"
  git -C "$t/www/r.git" update-server-info
}
moved one
echo one >"$t/www/file"
printf 'FROM %s:1\nADD %s/file %s/r.git /\n' "$name" "$url" "$url" >Dockerfile
gen --locked >"$t/out" 2>&1 && fail 'there is no lock file'
contains "$t/out" 'kasane.lock'
quietly gen lock
for what in "$name:1 linux/amd64" "$url/file" "$url/r.git"; do contains kasane.lock "$what"; done
cp kasane.lock "$t/before"
moved two
build --locked
equal "$(in_image image && cat "$t/unpacked/rootfs/file" "$t/unpacked/rootfs/commit")" one$'\n'one$'\n'one
quietly gen lock && equal "$(cat kasane.lock)" "$(cat "$t/before")"
echo two >"$t/www/file"
new_store "$t/store2"
rm -rf .kasane
(export KASANE_STORE=$t/store2 && gen && ninja) >"$t/out" && fail 'the file is another one'
contains "$t/out" 'the content is not the one of --checksum or kasane.lock'
quietly gen lock --pull && build
equal "$(in_image image && cat "$t/unpacked/rootfs/file" "$t/unpacked/rootfs/commit")" two$'\n'two$'\n'two
sed -i 1i'FROM alpine:latest AS unused' Dockerfile && echo 'COPY --from=unused /bin/sh /' >>Dockerfile
gen --locked >"$t/out" 2>&1 && fail 'alpine is not pinned'
contains "$t/out" 'Dockerfile:1:6'
contains "$t/out" 'alpine:latest is not pinned in the lock file for linux/amd64'
build # without the option it is looked up
