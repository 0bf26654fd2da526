#!/bin/bash
# apt-get install of packages in the context: a README is nothing to it, a package and the script that RUN calls are.
. "$(dirname "$0")/common.inc"
. "$(dirname "$0")/profiles.inc"
cp -R "$top/tests/examples/apt/." .
package() { # VERSION TEXT
  rm -rf "$t/deb" debs
  mkdir -p "$t/deb/DEBIAN" "$t/deb/usr/bin" debs
  printf 'Package: greet\nVersion: %s\nArchitecture: all\nMaintainer: nobody <a@b.c>\nDescription: greets\n' "$1" >"$t/deb/DEBIAN/control"
  printf '#!/bin/sh\necho %s\n' "$2" >"$t/deb/usr/bin/greet"
  chmod 755 "$t/deb/usr/bin/greet"
  quietly dpkg-deb --build --root-owner-group "$t/deb" debs/greet.deb
}
package 1.0 hello
build
expect_all ran 2
digest=$(image_digest)
echo more >>README.md
echo note >notes.txt
build
expect_all hit 2
equal "$(image_digest)" "$digest"
package 1.1 goodbye
build
expect_runs ran 'RUN ./install.sh' 'RUN greet'
equal "$(in_image greeting)" goodbye
chmod 700 install.sh
build
contains "$t/ninja.log" 'ran RUN ./install.sh'
echo '# the same' >>install.sh
build
contains "$t/ninja.log" 'ran RUN ./install.sh'
same_as_clean
