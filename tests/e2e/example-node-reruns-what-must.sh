#!/bin/bash
# npm ci with a tarball of the context: again for another tarball or lock file, not for the program.
. "$(dirname "$0")/../examples/examples.inc"
example node
tarball() { # TEXT
  rm -rf "$t/package"
  mkdir "$t/package"
  printf '{ "name": "greet", "version": "1.0.0", "main": "index.js" }\n' >"$t/package/package.json"
  printf 'exports.text = "%s";\n' "$1" >"$t/package/index.js"
  tar -C "$t" --mtime=@499162500 --owner=0 --group=0 -czf greet-1.0.0.tgz package
}
tarball hello
expect ran ran
echo more >>README.md
expect_same_image hit hit
echo note >notes.txt
expect_same_image hit hit
echo 'console.log("and more");' >>app.js
expect hit ran
equal "$(in_image greeting)" $'hello\nand more'
tarball goodbye
expect ran ran
equal "$(in_image greeting)" $'goodbye\nand more'
chmod 700 install.sh
expect ran hit
