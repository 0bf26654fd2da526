#!/bin/bash
# Neither the host's processes, nor its network (with none), nor the context, nor the store.
. "$(dirname "$0")/common.inc"
cat >Dockerfile <<'D'
FROM alpine:latest
RUN ps | grep -v -e PID -e ps -e sh -e grep -e init >/ps; ls -d /work /root/.cache "$KASANE_STORE" >/ls 2>/dev/null; ip -o link | grep -v lo: >/links; true
RUN mount -t tmpfs none /mnt 2>/dev/null && touch /mounted; mknod /node b 8 0 2>/dev/null && cat /node >/read; true
D
build --network=none
equal "$(in_image ps)$(in_image ls)$(in_image links)" ''
[ ! -e "$t/unpacked/rootfs/mounted" ] || fail 'it could mount'
[ ! -s "$t/unpacked/rootfs/read" ] || fail 'it could read a disk'
