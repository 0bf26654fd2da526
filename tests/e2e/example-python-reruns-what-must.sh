#!/bin/bash
# pip installs wheels of the context: again for another wheel or other requirements, not for the program.
. "$(dirname "$0")/../examples/examples.inc"
example python
wheel() { # VERSION TEXT
  mkdir -p wheels
  python3 - "wheels/greet-$1-py3-none-any.whl" "$@" <<'P'
import sys, zipfile
path, version, text = sys.argv[1:]
info = 'greet-%s.dist-info/' % version
with zipfile.ZipFile(path, 'w') as wheel:
    for name, data in (('greet.py', 'TEXT = %r\n' % text),
                       (info + 'METADATA', 'Metadata-Version: 2.1\nName: greet\nVersion: %s\n' % version),
                       (info + 'WHEEL', 'Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n'),
                       (info + 'RECORD', 'greet.py,,\n%sMETADATA,,\n%sWHEEL,,\n%sRECORD,,\n' % (info, info, info))):
        wheel.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), data)
P
}
wheel 1.0 hello
expect ran ran
echo more >>README.md
expect_same_image hit hit
echo 'print("and more")' >>app.py
expect hit ran
equal "$(in_image greeting)" $'hello\nand more'
wheel 1.1 goodbye
expect ran ran
equal "$(in_image greeting)" $'goodbye\nand more'
echo 'greet==1.0' >requirements.txt
expect ran hit # pip runs, and the program finds what it had found before
chmod 700 install.sh
expect ran hit
