#!/bin/bash
# A header that appears in a directory searched earlier: its absence was an answer.
. "$(dirname "$0")/nasty.inc"
under_epoch
mkdir first second
echo 'int x = 2;' >second/x.h
printf '#include <x.h>\n' >main.c
echo >first/other.h
cat >Dockerfile <<'D'
FROM golang:latest
WORKDIR /w
COPY . .
RUN gcc -Ifirst -Isecond -Imissing -c -o main.o main.c
D
expect ran
echo 'int y;' >first/y.h
expect hit # nobody lists them
echo 'int x = 1;' >first/x.h
expect ran
rm first/x.h
expect hit
mkdir missing
echo 'int x = 3;' >missing/x.h
expect ran # the directory is there now
