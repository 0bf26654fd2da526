#!/bin/bash
# gen build: gen and ninja with a live view: on a terminal, plain, as JSON, quiet; hits, what they took; a failure; the image is
# ninja's.
. "$(dirname "$0")/common.inc"
cat >Dockerfile <<'D'
FROM alpine:latest AS build
COPY f .
RUN for i in 1 2 3 4 5 6; do echo "line $i"; sleep 0.1; done; cp f /made
FROM alpine:latest
COPY --from=build /made /made
D
echo one >f
gen build --progress=plain -t app:1 >"$t/out"
grep -Eq '^#[0-9]+ RUN for i in' "$t/out" || fail "$(cat "$t/out")"
grep -Eq '^#[0-9]+ 0\.[0-9]{3} line 6$' "$t/out" || fail "$(cat "$t/out")"
grep -Eq '^#[0-9]+ DONE 0\.[6-9]s' "$t/out" || fail "$(cat "$t/out")"
grep -Eq '^steps run +3$' "$t/out" || fail "$(cat "$t/out")"
equal "$(gen build --progress=quiet)" "$(image_digest)"
build_only image
expect_no_work
touch f
gen build >"$t/out"
grep -Eq '^hits +3$' "$t/out" || fail "$(cat "$t/out")"
grep -Eq '^time saved +0\.[6-9] s$' "$t/out" || fail "$(cat "$t/out")"
echo two >f
gen build --progress=json >"$t/json"
echo one >f
gen build --progress=json >>"$t/json"
python3 - "$t/json" <<'P'
import json, sys
all = [json.loads(line) for line in open(sys.argv[1])]
assert ''.join(e['text'] for e in all if e['event'] == 'log').startswith('line 1\nline 2\n'), all
first, second = [e for e in all if e['event'] == 'result']
assert first['ran'] == 3 and second['hits'] == 3 and second['saved'] >= 0.6, (first, second)
assert any(e.get('outcome') == 'hit' and e.get('took', 0) >= 0.6 for e in all), all
P
sed -i 's/; cp f/; exit 7; cp f/' Dockerfile
cat >"$t/terminal.py" <<'P'
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.environ['TERM'] = 'xterm'
    os.execvp(sys.argv[1], sys.argv[1:])
while True:
    try:
        data = os.read(fd, 4096)
    except OSError:
        break
    sys.stdout.write(data.decode())
print('exit', os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
P
python3 "$t/terminal.py" gen build >"$t/tty"
contains "$t/tty" ' => => # line 4'
contains "$t/tty" ' => ERROR RUN for i in'
contains "$t/tty" 'error: the command failed with exit code 7'
contains "$t/tty" 'exit 1'
grep -q $'\x1b\\[2A' "$t/tty" || fail 'nothing was drawn again'
