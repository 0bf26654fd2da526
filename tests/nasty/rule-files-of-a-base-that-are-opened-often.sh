#!/bin/bash
# Small files of a base image that commands open again and again are opened without a question (frequent_files.h); that
# they are read is noticed. Here a base whose file differs in content alone: its size and time are as before.
. "$(dirname "$0")/nasty.inc"
under_epoch
base() { # CONTENT: of /etc/names
  mkdir -p "$t/base"
  printf 'FROM alpine:latest\nCOPY names looked /etc/\n' >"$t/base/Dockerfile"
  echo "$1" | tee "$t/base/names" >"$t/base/looked"
  (cd "$t/base" && quietly gen && quietly ninja oci)
}
gen_options=(--build-context "base=oci-layout://$t/base/.kasane/out/oci")
cat >Dockerfile <<'D'
FROM base
RUN cat /etc/names /etc/names >/o1
RUN echo more >>/etc/names; ls /etc >/o2; mv /etc/names /etc/other; cat /etc/other /etc/names >/o3 2>&1; rm /etc/passwd
RUN test -d /etc && ls -l /etc/looked >/o4
D
base one
expect ran ran ran
expect
base two
expect ran ran hit
equal "$(in_image o1)" $'two\ntwo'
in_image o2 | grep -qx names || fail 'a name is not listed'
equal "$(in_image o3 | head -2)" $'two\nmore'
base one
expect hit hit hit
