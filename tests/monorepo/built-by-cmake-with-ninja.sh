#!/bin/bash
# CMake with Ninja, and Kasane installed under a prefix: the server's target is a context of the image; ctest runs the
# image, install takes its archive.
. "$(dirname "$0")/monorepo.inc"
generator='Ninja'
quietly "$top/third_party/setup.sh" --install "$t/usr"
find_kasane=-DCMAKE_PREFIX_PATH=$t/usr
. "$here/by_cmake.inc"
