#!/bin/bash
# A digest in a command is as good as an input: a change reruns the edge, and back again; restat prunes behind it.
. "$(dirname "$0")/common.inc"
write() { { rules; echo "rule digest
  command = : $1; echo \$out >>ran; test -e \$out || echo x >\$out
  restat = 1
build a: digest
build b: note a"; } >build.ninja; }
write 111
ran 'a b'
ran ''
write 222
ran a
ran ''
write 111
ran a
