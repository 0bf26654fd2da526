#!/bin/bash
# Hard links of the tree below are links to a RUN: one inode, its true count. cp -a keeps them, du counts them once.
. "$(dirname "$0")/nasty.inc"
under_epoch
cat >Dockerfile <<'D'
FROM alpine:latest
RUN mkdir /l && cd /l && echo a >a && ln a b && ln a c
RUN cp -a /l /copy; stat -c %h /l/b >/out; [ /l/a -ef /l/c ] && echo same >>/out
D
expect ran ran
equal "$(in_image out)" $'3\nsame'
python3 - .kasane/out/oci "$top/tests/fixtures" <<'P'
import sys
sys.path.insert(0, sys.argv[2])
import ocidiff
image = ocidiff.load(sys.argv[1])
assert len({id(image.tree[p]) for p in ('copy/a', 'copy/b', 'copy/c')}) == 1
P
