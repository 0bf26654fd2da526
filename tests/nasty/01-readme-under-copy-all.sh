#!/bin/bash
# COPY . ., then a RUN that compiles src alone: a README is nothing to it, but the image carries the new one.
. "$(dirname "$0")/nasty.inc"
under_epoch
mkdir src
echo 'int main(void) { return 0; }' >src/main.c
echo one >README.md
cat >Dockerfile <<'D'
FROM golang:latest
WORKDIR /w
COPY . .
RUN gcc -c -o main.o src/main.c
D
expect ran
echo two >README.md
expect hit
equal "$(in_image w/README.md)" two
touch notes.txt
expect hit
echo 'int main(void) { return 1; }' >src/main.c
expect ran
