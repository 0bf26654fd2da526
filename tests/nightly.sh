#!/bin/bash
# What is too slow for every commit: 20,000 edits of law 1, going on where the last night ended (tests/laws/progress.json
# is committed: remove it to begin anew); each rule of the trace taken out, and the slow nasty cases; 10 minutes of each fuzz
# target; the newest commit built and
# unit-tested in a Debian 13 tree, whose Abseil (absl::string_view is std::string_view), compiler and other libraries are
# newer.
# usage: tests/nightly.sh [laws|rules|fuzz|debian13]..      Debian 13 needs a Debian mirror, root and 3 GB under $TMPDIR.
# Each part ends with "N passed, N failed". KASANE_DEBIAN13=DIR: the tree is made there, kept, and taken again.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$top"
parts=("$@")
[ ${#parts[@]} -gt 0 ] || parts=(laws rules fuzz debian13)

gen() { # a built one, for the parts that take it, and the fixtures
  third_party/setup.sh
  bazel build --noshow_progress //generator:gen
  export KASANE_GEN=$top/bazel-bin/generator/gen
  tests/fixtures/up.sh
}

laws() {
  gen
  nice -n 10 tests/laws/fuzz.py --edits 20000 --seed 20000 --progress tests/laws/progress.json
  nice -n 10 tests/laws/warm.py --edits 1000 --seed "$(date +%s)"
}

rules() {
  gen
  KASANE_SLOW=1 tests/nasty/run
  tests/fixtures/make-tools-base.sh
  tests/e2e/run example-
  tests/mutants/run
}

fuzz() { tests/fuzz/run -t 600; }

debian13() {
  local mirror packages
  # The mirror that apt uses here.
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Component: main' 'Origin: Debian' |
    grep -v security | sort -u | head -1)
  # What building, unit tests and running need: not the fixtures, nor what comes after them.
  packages=$(sed '/^# The fixtures/,$d; s/#.*//; /^$/d' third_party/apt-packages.txt | paste -sd,)
  tree=${KASANE_DEBIAN13:-}
  if [ -z "$tree" ]; then
    tree=$(mktemp -d)
    trap 'rm -rf "$tree"' EXIT
  fi
  if [ ! -e "$tree/usr/bin/bazel" ]; then
    mmdebstrap --quiet --variant=minbase --include="$packages" trixie "$tree" "$mirror"
  fi
  rm -rf "$tree/kasane" "$tree/shared"
  git clone --quiet . "$tree/kasane"
  if [ -d ../shared/conformance ]; then
    mkdir "$tree/shared"
    cp -R ../shared/conformance "$tree/shared/"
  fi
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
    exec env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 /kasane/tests/unit.sh' - "$tree"
}

for part in "${parts[@]}"; do "$part"; done
