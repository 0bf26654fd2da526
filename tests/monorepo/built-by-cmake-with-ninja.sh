#!/bin/bash
# CMake with Ninja: the server's target is a context of the image; ctest runs the image, install takes its archive.
. "$(dirname "$0")/monorepo.inc"
generator='Ninja'
. "$here/by_cmake.inc"
