#!/bin/bash
# A RUN runs again if an answer to something that it asked has changed, and for nothing else.
. "$(dirname "$0")/common.inc"
cat >Dockerfile <<'D'
FROM alpine:latest
WORKDIR /src
COPY . .
RUN cat main.txt >/main.out; [ -e sub/absent ] || echo sub/* >/sub.out
D
printf 'Dockerfile\n' >.dockerignore
mkdir sub
echo main >main.txt
echo one >sub/one
echo hello >README.md
build
expect_run() { # hit|ran [WHY]: what ninja did with the RUN after the edit
  build
  grep -qE "^$1 RUN cat.*${2:-}" "$t/ninja.log" || fail "no '$1 ... ${2:-}' in:" "$(cat "$t/ninja.log")"
}
echo more >>README.md; expect_run hit 'nothing that it read has changed'
echo new >notes.txt; expect_run hit
echo two >sub/one; expect_run hit # it was listed, not read
echo changed >main.txt; expect_run ran 'of /src/main.txt'
echo two >sub/two; expect_run ran 'listing of /src/sub'
chmod 600 main.txt; expect_run ran 'mode and owner of /src/main.txt'
touch sub/absent; expect_run ran
rm sub/absent; expect_run hit # as before
chmod 644 main.txt; rm sub/two; expect_run hit
equal "$(in_image main.out)" changed
equal "$(in_image sub.out)" sub/one
