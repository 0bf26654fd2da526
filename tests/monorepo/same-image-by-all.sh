#!/bin/bash
# Given the same server, the images are the same, bit for bit: each build system with a store of its own. With the server that
# each compiles itself, all other layers are.
. "$(dirname "$0")/monorepo.inc"
export SOURCE_DATE_EPOCH=1700000000
mkdir prebuilt
prepare_bazel
quietly g++ -static -o prebuilt/server server/server.cc
printf 'exports_files(["server"])\n' >prebuilt/BUILD
# What the image is, and what its layers are but the last, the server's.
layers() { skopeo inspect --format '{{range .Layers}}{{println .}}{{end}}' "oci:$(layout)" | sed '/^$/d' | sed '$d' | xargs; }
built_by() { # NAME LAYOUT COMMAND...
  local name=$1 layout=$2
  shift 2
  export KASANE_STORE=$t/store-$name
  [ -d "$KASANE_STORE" ] || new_store "$KASANE_STORE"
  quietly "$@"
  layout() { echo "$layout"; }
  echo "$(digest) $name" >>"$t/digests"
  layers >>"$t/layers"
  rm -rf deploy/.kasane deploy/build.ninja
}
by_ninja() { # WHERE THE SERVER IS
  gen -t mono/app:1 --build-context "bin=$1" --generated "$1/server" deploy && ninja deploy/image
}
by_cmake() { # GENERATOR SERVER
  rm -rf "build $1"
  cmake -G "$1" -S . -B "build $1" "-DKasane_DIR=$rules/cmake" "-DRUN_IMAGE=$RUN_IMAGE" "-DSERVER=$2" &&
    cmake --build "build $1" --target app
}
by_bazel() { # LABEL
  sed -i "s,\"//.*server\",\"$1\"," deploy/BUILD
  (cd deploy && gen bazel -t mono/app:1 --build-context bin=../prebuilt) && mono_bazel build //deploy:app.layout
}
by_all() { # DIRECTORY, SERVER OF CMAKE, LABEL
  rm -f "$t/digests" "$t/layers"
  built_by ninja deploy/.kasane/out/oci by_ninja "$1"
  built_by cmake-with-ninja 'build Ninja/app.image/.kasane/out/oci' by_cmake Ninja "$2"
  built_by cmake-with-make 'build Unix Makefiles/app.image/.kasane/out/oci' by_cmake 'Unix Makefiles' "$2"
  built_by bazel bazel-bin/deploy/app.layout by_bazel "$3"
}
images() { cut -d' ' -f1 "$t/digests" | sort -u | wc -l; }
by_all prebuilt prebuilt //prebuilt:server
equal "$(images)" 1
by_all out server //server
[ "$(images)" -gt 1 ] || fail 'each has compiled the same'
equal "$(sort -u "$t/layers" | wc -l)" 1
equal "$(head -1 "$t/layers" | wc -w)" 2
