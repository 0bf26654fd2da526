#!/bin/bash
# The 32-bit entry, x32 numbers, openat2, faccessat2, handles: found, or refused.
. "$(dirname "$0")/nasty.inc"
under_epoch
program raw
for way in int80 x32 openat2 faccessat2 handle; do
  echo one >$way
  echo "RUN /w/raw $way /w/$way >/$way.out"
done >runs
{ printf 'FROM alpine:latest\nCOPY . /w\n'; cat runs; } >Dockerfile
rm runs
expect ran ran ran ran ran
for way in int80 x32 openat2 handle; do
  text=$(in_image $way.out)
  case "$way $text" in
    'openat2 one' | 'int80 one') ;;
    'x32 refused '* | 'handle refused '* | 'int80 refused '*) ;;
    *) fail "$way says $text" ;;
  esac
done
for way in int80 x32 openat2 handle; do echo two >$way; done
chmod +x faccessat2
build
contains "$t/ninja.log" "ran RUN /w/raw openat2"
contains "$t/ninja.log" "ran RUN /w/raw faccessat2"
clean_is_equal
equal "$(in_image faccessat2.out)" executable
