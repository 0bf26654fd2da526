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

# Another image is FROM this one.
make_all() { cmake --build build -j 2 --target derived; }
app() { "$RUN_IMAGE" build/derived.image/.kasane/out/oci /usr/bin/server; }
all_built
equal "$(app)" 'server two'
all_built
equal "$(did ran)$(did hit)" ''
sed -i 's/server two/server three/' server/server.cc
all_built
equal "$(app)" 'server three'
equal "$(did ran | grep -o RUN)" ''
