#!/bin/bash
# What gen was told of with --generated is copied by patterns, by COPY of the directory and by a mount, under the ignore
# file, before it is there and after; and the image is always the one of a clean build.
. "$(dirname "$0")/common.inc"
export SOURCE_DATE_EPOCH=1700000000
mkdir -p mono/app/lib
cd mono
cat >app/Dockerfile <<'D'
FROM alpine:latest
COPY . /all/
COPY lib/*.so /lib2/
RUN --mount=type=bind,source=lib,target=/m cat /m/b.so >/ran
D
printf '*.log\nDockerfile\n' >app/.dockerignore
echo a >app/lib/a.so
echo x >source
cat >build.ninja <<'N'
rule copy
  command = cp $in $out
build app/lib/b.so: copy source
build app/x.log: copy source
kasane = app/
subninja app/.kasane/image.ninja
build build.ninja: phony app/.kasane/stamp
default app/image
N
options=(--generated app/lib/b.so --generated app/x.log app)
targets=(app/image)
manifest() { python3 -c 'import json; print(json.load(open("app/.kasane/out/oci/index.json"))["manifests"][0]["digest"])'; }
# as_clean: the image is that of a directory in which all that is generated was there from the first.
as_clean() {
  local here
  here=$(manifest)
  rm -rf "$t/clean"
  mkdir "$t/clean"
  tar -C app --exclude=./.kasane --exclude=./build.ninja -cf - . | tar -C "$t/clean" -xf -
  (cd "$t/clean" && new_store "$t/clean.store" && KASANE_STORE=$t/clean.store quietly gen && KASANE_STORE=$t/clean.store quietly ninja image)
  equal "$here" "$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["manifests"][0]["digest"])' "$t/clean/.kasane/out/oci/index.json")"
  rm -rf "$t/clean.store"
}
build "${options[@]}"
[ ! -e app/x.log ] || fail 'what is ignored was made'
as_clean
build_only # the files that were made have changed their directory
build_only
expect_no_work

echo y >source
build_only
as_clean
build "${options[@]}"
expect_no_work

rm app/lib/b.so # gone, and other by the time it is made again
echo z >source
build "${options[@]}"
as_clean
rm app/lib/b.so
build_only
as_clean
chmod 755 app/lib/b.so
build "${options[@]}"
as_clean
generate app # no longer told of: a file like any other
build_only
as_clean
