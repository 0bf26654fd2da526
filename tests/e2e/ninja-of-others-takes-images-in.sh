#!/bin/bash
# A ninja file of somebody else, with rules, variables and a pool named like ours, takes in two images by subninja. One
# copies a file that another rule makes, and a file of a directory that another rule makes, before they are there.
. "$(dirname "$0")/common.inc"
mkdir -p mono/app mono/tool
cd mono
printf 'FROM alpine:latest\nCOPY --from=bin server /server\nCOPY page /page\nCOPY pages/*.html /pages/\nRUN cat /server >/ran\n' >app/Dockerfile
printf 'FROM alpine:latest\nCOPY hello /hello\n' >tool/Dockerfile
printf 'server.txt\n' >app/.dockerignore
echo one >app/server.txt
echo page >app/page
echo hello >tool/hello
cat >build.ninja <<'N'
prefix = mine
pool kasane_downloads
  depth = 1
rule step
  command = mkdir -p out && cp $in $out
rule pages
  command = mkdir -p app/pages && cp $in app/pages/index.html && touch app/pages
build out/server: step app/server.txt
build app/pages: pages app/page
kasane_pull_pool = kasane_downloads
kasane = app/
subninja app/.kasane/image.ninja
kasane = tool/
subninja tool/.kasane/image.ninja
build build.ninja: phony app/.kasane/stamp tool/.kasane/stamp
build all: phony app/image tool/image
default all
N
generate --build-context bin=out --generated out/server --generated app/pages/ app
generate tool
build_only
grep -qx 'mkdir -p out && cp app/server.txt out/server' "$t/edges" || fail 'the rule of the file did not run'
in_app() (cd app && ninja() { command ninja -C .. app/oci; } && in_image "$1")
equal "$(in_app server)$(in_app ran)$(in_app pages/index.html)" oneonepage
build_only # the directory that was made is new
build_only
expect_no_work

echo two >app/server.txt # left out of the context
build_only
equal "$(grep -oE '^ran [a-zA-Z]+' "$t/ninja.log" | sort | uniq -c | xargs)" '1 ran COPY 1 ran RUN 1 ran image 2 ran layer'
equal "$(in_app ran)" two
build_only
expect_no_work
rm -r out app/pages
generate --build-context bin=out --generated out/server --generated app/pages/ app
build_only # made again, with equal content
! grep -E '^ran (layer|image|RUN)' "$t/ninja.log" || fail 'layers were made again'
equal "$(in_app ran)$(in_app pages/index.html)" twopage

# What no rule makes is an error of ninja's or of the COPY; what lies in no context, of gen's.
! gen --build-context bin=out --generated other/x app 2>"$t/err" || fail 'gen took a file outside'
contains "$t/err" 'error: --generated other/x lies in no context directory'
sed -i 's/^build out.server.*/build out\/server: phony/; s/^build app.pages.*/build app\/pages: phony/' build.ninja
rm out/server
! ninja >"$t/err" 2>&1 || fail 'ninja made an image of nothing'
contains "$t/err" 'no rule of the build has made'
