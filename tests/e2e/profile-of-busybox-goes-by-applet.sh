#!/bin/bash
# One executable, many programs: cat, plain cp and plain ls ask for no times, stat, ls -l and cp -r (link counts) do.
. "$(dirname "$0")/common.inc"
. "$(dirname "$0")/profiles.inc"
cat >Dockerfile <<'D'
FROM alpine:latest
WORKDIR /w
COPY . .
RUN ["/bin/cat", "data"]
RUN ["/bin/busybox", "sha256sum", "data"]
RUN ["/bin/cp", "data", "/1"]
RUN ["/bin/sed", "s/one/1/", "data"]
RUN ["/bin/ls", "-R", "."]
RUN ["/bin/stat", "data"]
RUN ["/bin/ls", "-l", "data"]
RUN ["/bin/cp", "-r", "dir", "/2"]
D
mkdir dir
echo one | tee data other >dir/data
build
expect_all ran 8
other_times data dir/data
build
says hit 5 'RUN \["/bin/(cat|busybox|cp", "data|sed|ls", "-R)'
says ran 3 'RUN \["/bin/(stat|ls", "-l|cp", "-r")'
same_as_clean
echo two >data
build
says ran 1 'RUN \["/bin/cat'
same_as_clean
