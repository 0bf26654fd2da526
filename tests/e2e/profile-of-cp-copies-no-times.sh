#!/bin/bash
# cp and install of Debian, as they are and with the options that keep or compare times.
. "$(dirname "$0")/common.inc"
. "$(dirname "$0")/profiles.inc"
cat >Dockerfile <<'D'
FROM golang:latest AS tools
WORKDIR /o
WORKDIR /w
COPY . .
RUN cp data /o/1
RUN cp -r dir /o/2
RUN install -D -m 755 data /o/3/data
RUN cp -p data /o/4
RUN cp -a dir /o/5
RUN install -p data /o/6
FROM alpine:latest
COPY --from=tools /o /o
D
mkdir dir
echo one | tee data other >dir/data
build
expect_all ran 6
other_times data dir/data
build
says hit 3 'RUN (cp data|cp -r|install -D)'
says ran 3 'RUN (cp -p|cp -a|install -p)'
same_as_clean
chmod 600 data
build
says ran 4 'RUN (cp data|install -D|cp -p|install -p)'
same_as_clean
echo two >dir/data
build
says ran 2 'RUN cp -[ra]'
same_as_clean
