#!/bin/bash
# CMake with Unix Makefiles: the server's target is a context of the image; ctest runs the image, install takes its archive.
. "$(dirname "$0")/monorepo.inc"
generator='Unix Makefiles'
find_kasane=-DKasane_DIR=$rules/cmake
. "$here/by_cmake.inc"
