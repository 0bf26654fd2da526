#!/bin/bash
# Of gen's files only those that say something else are written (by rename, so a written one is another inode), and
# what ninja runs is what is behind the edit: one line of a Dockerfile of 30 stages, or a file that nothing copies.
. "$(dirname "$0")/common.inc"
for i in $(seq 30); do
  printf 'FROM alpine:latest AS s%d\nCOPY d%d/ /in/\nRUN cat /in/* >/out\n' "$i" "$i"
  mkdir "d$i"
  echo "$i" >"d$i/file"
done >Dockerfile
{
  echo 'FROM scratch'
  for i in $(seq 30); do echo "COPY --from=s$i /out /out$i"; done
} >>Dockerfile
listed() { find .kasane build.ninja -type f ! -name '.ninja_*' ! -name '*.inputs' -printf '%p %i\n' | sort; }
# written COMMAND...: prints which of gen's files it has written.
written() {
  listed >"$t/before"
  quietly "$@"
  listed | comm -13 "$t/before" - | cut -d' ' -f1 | tr '\n' ' '
}
ran() { sed -nE 's/^ran ([^ ]+) .*/\1/p' "$t/ninja.log" | tr '\n' ','; } # the rest were hits
build
equal "$(written generate)" ''
echo new >unread
equal "$(written generate)" '' # it is noticed, and nothing has to say so
build_only image
expect_no_work
echo new >d7/second
equal "$(written generate)" '.kasane/image.ninja '
build_only image
equal "$(ran)" 'COPY,RUN,COPY,layer,image,'
sed -i '9s/cat/tac/' Dockerfile # of s3
equal "$(written generate)" '.kasane/image.ninja .kasane/specs .kasane/steps.json '
build_only image
equal "$(ran)" 'RUN,'
# What make is given besides: a file for each step's command, which takes the place of ninja's log.
generate --emit=cmake
sed -i '12s/cat/tac/' Dockerfile # of s4
equal "$(written generate --emit=cmake)" \
  '.kasane/image.cmake .kasane/image.ninja .kasane/records/s4/2-run.json.command .kasane/steps.json '
