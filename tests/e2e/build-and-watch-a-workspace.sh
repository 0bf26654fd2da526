#!/bin/bash
# gen build and gen watch where a kasane.toml is: steps and sums name their images, --make builds some; each save rebuilds what
# it must, also of the images above, and a new image of the file is built.
. "$(dirname "$0")/common.inc"
. "$(dirname "$0")/watch.inc"
mkdir base app
echo one >base/file
printf 'FROM alpine:latest\nCOPY file /file\nRUN cp /file /made\n' >base/Dockerfile
printf 'FROM mono/base:1\nCOPY own /own\nRUN cat /made /own >/ran\nCMD ["cat", "/ran"]\n' >app/Dockerfile
echo own >app/own
printf '[image.app]\ncontext = "app"\n[image.base]\ncontext = "base"\ntags = ["mono/base:1"]\n' >kasane.toml
gen build --progress=plain --make=base >"$t/out"
grep -Eq '^#[0-9]+ \[base\] RUN cp /file /made$' "$t/out" || fail "$(cat "$t/out")"
grep -Eq '^steps run +2$' "$t/out" || fail "$(cat "$t/out")"
[ ! -e .kasane/app/.kasane/out ] || fail 'app was built too'
gen build --progress=quiet >"$t/out"
digest=$(cd .kasane/app && image_digest)
contains "$t/out" "$digest  app"
equal "$(wc -l <"$t/out")" 2
gen build --progress=json | tail -1 >"$t/json"
python3 - "$t/json" "$digest" <<'P'
import json, sys
result = json.load(open(sys.argv[1]))
assert result['ran'] == 0 and result['hits'] == 4, result
assert [i['digest'] for i in result['images'] if i['name'] == 'app'] == [sys.argv[2]], result
P
start_watch --run --network=none mono/base:1 -- cat /file
until_line 'first build: nothing to do, started'
until_line '^one$'
until_line 'the container has ended with exit code 0'
echo two >base/file
until_line 'base/file: .*RUN cp .*RUN cat .*, started'
until_line '^two$'
echo more >app/own
until_line 'app/own: .*RUN cat '
printf '[image.third]\ncontext = "app"\nargs = { NEW = "1" }\n' >>kasane.toml
until_line 'kasane.toml: [0-9]+ ran'
[ -e .kasane/third/.kasane/out/oci/index.json ] || fail 'the new image was not built'
! grep -q 'out/oci' "$t/seen" || fail 'the build itself started a round'
kill -TERM "$watch"
wait "$watch" || true
