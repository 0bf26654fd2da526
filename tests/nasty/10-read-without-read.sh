#!/bin/bash
# mmap, sendfile, copy_file_range, splice: contents all the same.
. "$(dirname "$0")/nasty.inc"
under_epoch
program probe
for way in mmap sendfile copy_range splice; do
  echo one >$way
  echo "RUN /w/probe $way /w/$way >/$way.out"
done >runs
{ printf 'FROM alpine:latest\nCOPY . /w\n'; cat runs; } >Dockerfile
rm runs
expect ran ran ran ran
echo two >mmap; expect ran hit hit hit
echo two >sendfile; expect hit ran hit hit
echo two >copy_range; expect hit hit ran hit
echo two >splice; expect hit hit hit ran
for way in mmap sendfile copy_range splice; do equal "$(in_image $way.out)" two; done
