#!/bin/bash
# CMake with Unix Makefiles: the server's target is a context of the image; ctest runs the image, install takes its archive.
. "$(dirname "$0")/monorepo.inc"
configure() {
  quietly cmake -G 'Unix Makefiles' -S . -B build "-DKasane_DIR=$rules/cmake" "-DRUN_IMAGE=$RUN_IMAGE"
}
make_all() { cmake --build build -j 2; }
layout() { echo build/app.image/.kasane/out/oci; }
walk
(cd build && quietly ctest)
quietly cmake --build build --target app-archive
quietly cmake --install build --prefix "$t/prefix"
quietly skopeo inspect "docker-archive:$t/prefix/images/app.tar"
