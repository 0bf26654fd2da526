#!/bin/bash
# Given the same server, the images are the same, bit for bit: each build system with a store of its own.
. "$(dirname "$0")/monorepo.inc"
export SOURCE_DATE_EPOCH=1700000000
mkdir prebuilt
prepare_bazel
quietly g++ -static -o prebuilt/server server/server.cc
printf 'exports_files(["server"])\n' >prebuilt/BUILD
built_by() { # NAME LAYOUT COMMAND...
  local name=$1 layout=$2
  shift 2
  export KASANE_STORE=$t/store-$name
  new_store "$KASANE_STORE"
  quietly "$@"
  layout() { echo "$layout"; }
  echo "$(digest) $name" >>"$t/digests"
  rm -rf deploy/.kasane deploy/build.ninja
}
by_ninja() { gen -t mono/app:1 --build-context bin=prebuilt deploy && ninja deploy/image; }
by_cmake() {
  cmake -G "$1" -S . -B "build $1" "-DKasane_DIR=$rules/cmake" "-DRUN_IMAGE=$RUN_IMAGE" "-DSERVER=prebuilt" &&
    cmake --build "build $1" --target app
}
by_bazel() {
  sed -i 's,//server,//prebuilt:server,' deploy/BUILD
  (cd deploy && gen bazel -t mono/app:1 --build-context bin=../prebuilt) && mono_bazel build //deploy:app.layout
}
built_by ninja deploy/.kasane/out/oci by_ninja
built_by cmake-with-ninja 'build Ninja/app.image/.kasane/out/oci' by_cmake Ninja
built_by cmake-with-make 'build Unix Makefiles/app.image/.kasane/out/oci' by_cmake 'Unix Makefiles'
built_by bazel bazel-bin/deploy/app.layout by_bazel
equal "$(cut -d' ' -f1 "$t/digests" | sort -u | wc -l)" 1
