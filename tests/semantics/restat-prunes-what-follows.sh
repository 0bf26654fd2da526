#!/bin/bash
# An edge that leaves its output alone prunes the edges behind it, also through phony edges.
. "$(dirname "$0")/common.inc"
{ rules; echo 'build a: update in
build alias: phony a
build b: note alias a'; } >build.ninja
sed -i 's/build b: note alias a/build b: note a | alias/' build.ninja
echo 1 >in
ran 'a b'
ran ''
later in
ran a
ran ''
