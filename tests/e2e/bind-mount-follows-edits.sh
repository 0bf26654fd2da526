#!/bin/bash
# A RUN that mounts the context runs again after an edit of what it mounts, and of nothing else.
. "$(dirname "$0")/common.inc"
mkdir src other
echo one >src/a
echo x >other/b
echo readme >src/README.md
echo '*.md' >.dockerignore
echo '**/*.md' >>.dockerignore
cat >Dockerfile <<'D'
FROM alpine:latest AS made
COPY other /other
FROM alpine:latest
RUN --mount=source=src,target=/src --mount=from=made,source=/other,target=/other cat /src/* /other/* >/out
D
build
equal "$(in_image out)" $'one\nx'
echo changed >src/README.md
echo new >src/NEW.md
touch src/a
build
expect_edges 'RUN' # a check: the touch is no change, so no sandbox and nothing behind it
echo two >src/a
build_only image
equal "$(in_image out)" $'two\nx'
echo three >src/c
build
equal "$(in_image out)" $'two\nthree\nx'
chmod 600 src/a
build
grep -q '^ran RUN' "$t/ninja.log" || fail 'a chmod went unnoticed'
echo y >other/b
build
equal "$(in_image out)" $'two\nthree\ny'
rm src/c
build
equal "$(in_image out)" $'two\ny'
