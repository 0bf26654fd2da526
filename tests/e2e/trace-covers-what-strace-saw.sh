#!/bin/bash
# Whatever strace, running inside the RUN, saw its command read is in the RUN's trace.
. "$(dirname "$0")/common.inc"
mkdir strace src
cp "$(command -v strace)" strace/
ldd strace/strace | grep -o '/[^ ]*' | xargs cp -Lt strace
cat >traced <<'S'
#!/bin/sh
exec env LD_LIBRARY_PATH= /lib64/ld-linux-x86-64.so.2 --library-path /w/strace /w/strace/strace -f -y -s 4096 \
  -e trace=%file,%process,getdents64,fchdir -o /trace.log "$@"
S
chmod +x traced
printf '#include <stdio.h>\n#include "x.h"\nint main(void) { puts(X); }\n' >src/main.c
echo '#define X "x"' >src/x.h
printf 'module m\n' >go.mod
printf 'package main\nimport "os"\nfunc main() { os.Exit(0) }\n' >main.go
echo package main >main_test.go
echo note >README.md
ln -s src link
ln -s nowhere dangling
head='FROM golang:latest\nWORKDIR /w\nCOPY . .\nRUN find / -xdev -type l -printf "%%p\\t%%l\\n" >/links\n'
check() { # COMMAND
  printf "$head" >Dockerfile
  printf 'RUN ./traced %s\nFROM scratch\nCOPY --from=0 /links /trace.log /\n' "$1" >>Dockerfile
  build
  in_image trace.log >"$t/trace.log"
  cp "$t/unpacked/rootfs/links" "$t/links"
  gen reads --format=json 0:5 >"$t/reads.json"
  grep -q execve "$t/trace.log" || fail "strace saw nothing of $1"
  python3 "$here/strace-reads.py" "$t/trace.log" "$t/reads.json" "$t/links" || fail "not covered: $1"
}
check 'gcc -Isrc -Inowhere -o /out src/main.c'
check 'go build -o /out .'
check 'git -C /w status || true'
check "sh -c 'ls -l link/ ; find . ; cat dangling none/x README.md; readlink link; cp -a src /copy; cd src && cat ../go.mod; [ -x main.c ]; rm x.h; true'"
check "perl -e 'opendir D, \"/w\"; print readdir D; print -s \"/w/go.mod\"; require Cwd'"
