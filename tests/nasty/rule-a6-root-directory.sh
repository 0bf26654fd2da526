#!/bin/bash
# "/" is the upper directory's, so no question about it reaches the tree: it counts all the same. (A layer says nothing of
# the root's mode, so the bases have to differ.)
. "$(dirname "$0")/nasty.inc"
under_epoch
program probe
base() { # MODE: an image that holds probe, in a root directory of this mode
  mkdir -p "$t/root"
  cp probe "$t/root/"
  chmod "$1" "$t/root"
  tar -C "$t/root" --mtime=@0 --owner=0 --group=0 -cf "$t/root.tar" .
  rm -rf "$t/base"
  quietly umoci init --layout "$t/base"
  quietly umoci new --image "$t/base:latest"
  quietly umoci raw add-layer --image "$t/base:latest" "$t/root.tar"
  gen_options=(--build-context "base=oci-layout://$t/base")
}
cat >Dockerfile <<'D'
FROM base
RUN ["/probe", "stat", "/"]
D
base 755
expect ran
base 711
expect ran
contains .kasane/logs/0/1-run.log '40711 0:0'
