#!/bin/bash
# A RUN of another platform: without an emulator gen says so at the RUN, and whatever has no RUN is built. With one
# (qemu-user, registered with binfmt_misc) it runs.
. "$(dirname "$0")/common.inc"
emulator=$(grep -lxE 'interpreter .*' /proc/sys/fs/binfmt_misc/* 2>/dev/null | xargs -r grep -l '^magic 7f454c460201010000000000000000000200b7' | xargs -r grep -lE '^flags:.*F' || true)
case $(uname -m) in x86_64) ;; *) skip 'this machine is no amd64' ;; esac
printf 'FROM scratch\nCOPY f /f\nWORKDIR /w\n' >Dockerfile
echo f >f
build --platform=linux/arm64
equal "$(python3 -c 'import json; m = json.load(open(".kasane/out/oci/index.json"))["manifests"][0]; print(m["platform"]["architecture"])')" arm64
printf 'FROM scratch\nCOPY f /f\nRUN ["/f", "x"]\n' >Dockerfile
if [ -z "$emulator" ]; then
  gen --platform=linux/arm64 >"$t/out" 2>&1 && fail 'gen let it pass'
  contains "$t/out" 'Dockerfile:3:1: error: this machine (linux/amd64) cannot run programs of linux/arm64'
  contains "$t/out" 'qemu-user-static'
fi
gen --platform=linux/mips64 >"$t/out" 2>&1 && fail 'gen let it pass'
contains "$t/out" 'cannot run programs of linux/mips64'
[ -n "$emulator" ] || exit 0
: "${KASANE_ARM64_BUSYBOX:=}" # a static busybox of that platform
[ -x "$KASANE_ARM64_BUSYBOX" ] || skip 'there is an emulator, but $KASANE_ARM64_BUSYBOX names no program for it'
cp "$KASANE_ARM64_BUSYBOX" busybox
cat >Dockerfile <<'D'
FROM scratch
COPY busybox /bin/sh
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
ARG TARGETARCH
# By their paths: the busybox shell would run itself, which an emulator takes for a shell.
RUN /bin/uname -m >/machine; echo $TARGETARCH >>/machine; /bin/id -u >>/machine
D
build --platform=linux/arm64
equal "$(in_image machine)" aarch64$'\n'arm64$'\n'0
build_only
expect_no_work
