#!/bin/bash
# A chain of interpreters, the dynamic linker's search, a program that a thread starts by vfork.
. "$(dirname "$0")/nasty.inc"
under_epoch
program probe
printf '#!/w/second -x\n' >first
printf '#!/bin/cat\n' >second
printf '#!/bin/sh\necho one >/helper.out\n' >helper
echo >unused
chmod +x first second helper
mkdir libs
cat >Dockerfile <<'D'
FROM golang:latest
COPY . /w
RUN /w/first >/first.out 2>/dev/null || true
RUN LD_LIBRARY_PATH=/w/libs /bin/echo linked >/linked.out 2>/dev/null || echo broken >/linked.out
RUN /w/probe vfork /w/helper
D
expect ran ran ran
echo other >unused
expect hit hit hit
printf '#!/w/second -y\n' >first
expect ran hit hit
printf '#!/bin/echo\n' >second
expect ran hit hit
echo 'no library' >libs/libc.so.6
expect hit ran hit
equal "$(in_image linked.out)" broken
printf '#!/bin/sh\necho two >/helper.out\n' >helper
expect hit hit ran
equal "$(in_image helper.out)" two
