#!/bin/bash
# What is too slow for every commit: 5,000 edits of law 1; the newest commit built and unit-tested in a Debian 13 tree,
# whose Abseil (absl::string_view is std::string_view), compiler and other libraries are newer.
# usage: tests/nightly.sh [laws|debian13]..      Debian 13 needs a Debian mirror, root and 3 GB under $TMPDIR.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$top"
parts=("$@")
[ ${#parts[@]} -gt 0 ] || parts=(laws debian13)

laws() { KASANE_FUZZ_EDITS=5000 tests/run.sh laws; }

debian13() {
  local tree mirror packages
  tree=$(mktemp -d)
  trap 'rm -rf "$tree"' EXIT
  # The mirror that apt uses here.
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Component: main' 'Origin: Debian' |
    grep -v security | sort -u | head -1)
  # The packages under "# Building".
  packages=$(awk '/^#/ { on = /^# Building/ } on && !/^#/ && NF' third_party/apt-packages.txt | paste -sd,)
  mmdebstrap --quiet --variant=minbase --include="$packages,python3" trixie "$tree" "$mirror"
  git clone --quiet . "$tree/kasane"
  # Namespaces take mounts and Bazel's server away at the end, whatever happens. The root is changed by pivot_root: in a
  # chroot the kernel refuses the user namespaces that the sandbox's tests need.
  unshare --mount --pid --fork --kill-child bash -euc '
    mount --bind "$1" "$1"
    cd "$1"
    mount -t proc proc proc
    mount --rbind /dev dev
    mount --rbind /sys sys
    pivot_root . mnt
    umount -l /mnt
    cd /kasane
    export HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
    bazel --batch test --noshow_progress //generator:gen //src/... //generator/...' - "$tree"
}

for part in "${parts[@]}"; do "$part"; done
