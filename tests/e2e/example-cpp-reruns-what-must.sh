#!/bin/bash
# CMake and Ninja: configured again for CMakeLists.txt, compiled again for a header, and neither for a README.
. "$(dirname "$0")/../examples/examples.inc"
example cpp
expect ran ran
echo more >>README.md
expect_same_image hit hit
echo note >src/notes.txt
expect_same_image hit hit
sed -i s/hello/goodbye/ src/greeting.cc
expect hit ran # cmake has looked whether each source is there, by access(): that tells no size
in_image hello >"$t/hello"
chmod +x "$t/hello"
equal "$("$t/hello")" goodbye
echo '// the same' >>src/greeting.h
expect hit ran
chmod 700 compile.sh
expect hit ran
echo 'add_compile_options(-O1)' >>CMakeLists.txt
expect ran ran
