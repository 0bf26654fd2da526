#!/bin/bash
# What is too slow for every commit: 5,000 edits of law 1, and a build and unit tests in a Debian 13 tree, whose Abseil is
# newer (absl::string_view is std::string_view there).   usage: tests/nightly.sh [laws|debian13]..
# Debian 13 needs a Debian mirror, root and 3 GB under $TMPDIR.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$top"
parts=("$@")
[ ${#parts[@]} -gt 0 ] || parts=(laws debian13)

laws() { KASANE_FUZZ_EDITS=5000 tests/run.sh laws; }

debian13() {
  local tree mirror packages
  tree=$(mktemp -d)
  trap 'umount "$tree/proc" "$tree/dev" 2>/dev/null; rm -rf "$tree"' RETURN
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Component: main' 'Origin: Debian' |
    grep -v security | sort -u | head -1)
  # The packages under "# Building".
  packages=$(awk '/^#/ { on = /^# Building/ } on && !/^#/ && NF' third_party/apt-packages.txt | paste -sd,)
  mmdebstrap --quiet --variant=minbase --include="$packages,python3" trixie "$tree" "$mirror"
  mkdir "$tree/kasane"
  git ls-files -z | tar --null -T - -cf - | tar -C "$tree/kasane" -xf -
  mount -t proc proc "$tree/proc"
  mount --rbind /dev "$tree/dev"
  mount --make-rslave "$tree/dev"
  chroot "$tree" /bin/bash -c 'cd /kasane && bazel test //... ; status=$?; bazel shutdown; exit $status'
  umount -l "$tree/dev"
  umount "$tree/proc"
}

for part in "${parts[@]}"; do "$part"; done
