#!/bin/bash
# Installs the packages of apt-packages.txt that are missing, and, if asked, Kasane itself.
# usage: third_party/setup.sh [--install [PREFIX]]
#   --install: builds gen and puts it under PREFIX (default /usr/local): PREFIX/libexec/kasane holds gen, gen-net and
#   the rules side by side, as gen looks for them; PREFIX/bin/gen is a link to it, PREFIX/share/kasane/cmake one to
#   rules/cmake, where find_package(Kasane) looks, and PREFIX/share/kasane/bazel one to rules/bazel.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(dirname "$here")

packages=$(sed 's/#.*//' "$here/apt-packages.txt")
# dpkg-query names the packages it does not know on standard error, and knows others that were removed.
# shellcheck disable=SC2086
installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' $packages 2>/dev/null | sed -n 's/ installed$//p' || true)
missing=$(comm -23 <(printf '%s\n' $packages | sort -u) <(printf '%s\n' $installed | sort -u))
if [ -n "$missing" ]; then
  echo "setup: installing" $missing
  as_root=
  if [ "$(id -u)" != 0 ]; then as_root=sudo; fi
  export DEBIAN_FRONTEND=noninteractive
  # nginx and docker-registry would start as services of this machine; the fixtures start their own.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' | $as_root tee $policy >/dev/null
    $as_root chmod 755 $policy
    trap '$as_root rm -f $policy' EXIT
  fi
  $as_root apt-get update -qq
  # shellcheck disable=SC2086
  $as_root apt-get install -y -qq --no-install-recommends $missing </dev/null >/dev/null
fi

if [ "${1:-}" = --install ]; then
  prefix=${2:-/usr/local}
  (cd "$top" && bazel build //generator:gen)
  bin=$(cd "$top" && bazel info bazel-bin 2>/dev/null)/generator
  lib=$prefix/libexec/kasane
  mkdir -p "$prefix/bin" "$lib"
  install -m 755 "$bin/gen" "$bin/gen-net" "$lib/"
  rm -rf "$lib/rules"
  cp -R "$top/rules" "$lib/rules"
  ln -sfn ../libexec/kasane/gen "$prefix/bin/gen"
  mkdir -p "$prefix/share/kasane"
  ln -sfn ../../libexec/kasane/rules/cmake "$prefix/share/kasane/cmake"
  ln -sfn ../../libexec/kasane/rules/bazel "$prefix/share/kasane/bazel"
  echo "setup: installed $prefix/bin/gen"
fi
