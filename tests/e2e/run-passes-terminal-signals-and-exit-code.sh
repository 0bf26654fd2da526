#!/bin/bash
# A container in the foreground: input, output, exit code, signals, a terminal with its size; nothing is left behind.
. "$(dirname "$0")/common.inc"
printf 'FROM alpine:latest\nENV A=image B=image\nWORKDIR /w\nCOPY f .\nCMD ["cat", "f"]\n' >Dockerfile
echo content >f
build
status() { "$@" >"$t/out" 2>"$t/err" && echo 0 || echo $?; }
equal "$(status gen run --rm)" 0
equal "$(cat "$t/out")" content
equal "$(status gen run --rm -e B=mine -- sh -c 'echo $A $B; echo e >&2; touch /new; rm f; exit 7')" 7
equal "$(cat "$t/out" "$t/err")" $'image mine\ne'
equal "$(echo hello | gen run --rm -i -- cat)" hello
equal "$(status gen run --rm -v "$ctx/f:/v:ro" -- sh -c 'cat /v; echo x >/v')" 1
equal "$(cat "$t/out" f)" $'content\ncontent'
equal "$(status gen run --rm -- nosuch)" 1
contains "$t/err" 'nosuch: not found'
equal "$(status gen run --nosuch)" 2
equal "$(status gen run nosuch)" 1
# As docker has it: what stands behind the image is the command.
id=$(image_digest)
id=${id#sha256:}
equal "$(gen run --rm -e B=mine "$id" sh -c 'echo $B "$@"' -- -p -- x)" 'mine -p -- x'
equal "$(status gen run --rm --target build "$id")" 2
cat >"$t/typist.py" <<'P'
# Runs a command in a terminal of 33 lines and 101 columns, and types two lines.
import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack('HHHH', 33, 101, 0, 0))
out = b''
for wanted, typed in ((b'ready', b'stty size; tty\n'), (b'/dev/pts/0', b'exit 5\n'), (None, b'')):
    while wanted is None or wanted not in out:
        try:
            data = os.read(fd, 4096)
        except OSError:
            data = b''
        if not data:
            break
        out += data
    os.write(fd, typed) if typed else None
print(out.decode(), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
P
python3 "$t/typist.py" gen run --rm -it -- sh -c 'trap : WINCH; echo ready; exec sh' >"$t/tty"
contains "$t/tty" '33 101'
contains "$t/tty" ' 5'
mkfifo "$t/up"
gen run --rm -- sh -c 'trap "exit 9" TERM; echo up; while :; do sleep 0.1; done' >"$t/up" &
read -r line <"$t/up"
equal "$line" up
kill -TERM $!
code=0
wait $! || code=$?
equal "$code" 9
gen run -d --name c -- sh -c 'sleep 1000' >/dev/null
python3 "$t/typist.py" gen exec -it c sh -c 'echo ready; exec sh' >"$t/tty"
contains "$t/tty" ' 5'
equal "$(status gen exec c sh -c 'exit 4')" 4
equal "$(status gen run -d --name c)" 1
equal "$(status gen rm c)" 1
equal "$(gen ps -q)" c
equal "$(gen exec -u 7:8 -w /tmp c -- sh -c 'id -u; id -g; pwd' | xargs)" '7 8 /tmp'
equal "$(status gen exec -u nobody c true)" 1
contains "$t/err" 'user "nobody" is no UID or UID:GID'
gen rm -f c
gen run -d --name l -- seq 5 >/dev/null
equal "$(gen logs -f l)" "$(seq 5)"
equal "$(gen logs -n 2 l)$(gen logs -n0 l)" $'4\n5'
equal "$(gen logs --tail 9 l)" "$(seq 5)"
gen rm l
equal "$(gen ps -a | wc -l)" 1
nothing_left_behind
