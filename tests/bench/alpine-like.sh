#!/bin/bash
# Makes the image alpine-like:latest in the fixtures' registry, unless it is there: Debian's package busybox with its two
# libraries. As on Alpine, whose busybox has neither FEATURE_SH_STANDALONE nor FEATURE_PREFER_APPLETS, the shell executes
# /bin/ls. (The fixtures' alpine is Debian's busybox-static, whose shell runs ls within itself.)
# usage: alpine-like.sh    needs tests/fixtures/up.sh, and a Debian mirror the first time
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../fixtures/env.sh"
if curl -fsI -o /dev/null -H 'Accept: application/vnd.oci.image.manifest.v1+json' \
  "http://$REG/v2/library/alpine-like/manifests/latest"; then
  exit
fi
work=$(mktemp -d "$FIXTURES/alpine-like.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir packages
(cd packages && apt-get download -qq busybox libc6 2>/dev/null)
for package in packages/*.deb; do dpkg-deb -x "$package" unpacked; done
mkdir -p root/{bin,dev,etc,lib,lib64,proc,root,run,sys,tmp,usr/bin,usr/sbin,sbin,var/tmp}
chmod 1777 root/tmp root/var/tmp
cp unpacked/bin/busybox root/bin/
cp -L unpacked/lib64/ld-linux-x86-64.so.2 root/lib64/
cp -L unpacked/lib/x86_64-linux-gnu/{libc.so.6,libresolv.so.2} root/lib/
for applet in $(chroot root /bin/busybox --list); do
  if [ "$applet" != busybox ]; then ln -s /bin/busybox "root/bin/$applet"; fi
done
printf 'root:x:0:0:root:/root:/bin/sh\n' >root/etc/passwd
printf 'root:x:0:root\n' >root/etc/group
printf 'NAME="busybox, laid out like alpine"\nID=busybox\n' >root/etc/os-release
tar --sort=name --numeric-owner --owner=0 --group=0 --mtime=@1735689600 -C root -cf base.tar .
umoci init --layout oci
umoci new --image oci:latest
umoci raw add-layer --image oci:latest base.tar
umoci config --image oci:latest --config.cmd /bin/sh \
  --config.env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
skopeo copy -q --dest-tls-verify=false oci:oci:latest "docker://$REG/library/alpine-like:latest"
