#!/bin/bash
# A cache goes from store to store, owners, modes, links and times with it; a foreign archive leads nowhere.
. "$(dirname "$0")/common.inc"
cat >Dockerfile <<'D'
FROM alpine:latest
COPY n /n
RUN --mount=type=cache,id=c,target=/c \
  [ -e /c/d ] || { mkdir -m 2750 /c/d; echo x >/c/d/f; chown 7:8 /c/d/f; ln /c/d/f /c/hard; ln -s d/f /c/soft; mkfifo /c/fifo; touch -d 2001-02-03 /c/d/f; }; \
  cd /c; stat -c '%n %a %u:%g %h %Y' d d/f hard fifo >/out; cat soft >>/out; find . | sort >>/out
D
echo 1 >n
build
first=$(in_image out)
quietly gen cache export c "$t/c.tar"
export KASANE_STORE=$t/other
new_store "$KASANE_STORE"
quietly gen cache import "$t/c.tar"
echo 2 >n
build
equal "$(in_image out | sed '1s/ [0-9]*$//; 4s/ [0-9]*$//')" "$(echo "$first" | sed '1s/ [0-9]*$//; 4s/ [0-9]*$//')"
# Over a cache that is there.
quietly gen cache import "$t/c.tar"
if gen cache export nope "$t/x.tar" 2>"$t/err"; then fail 'exported what is not there'; fi
contains "$t/err" 'there is no cache nope'
# Archives that try to get out.
mkdir "$t/evil"
cd "$t/evil"
mkdir data
python3 - "$t" <<'P'
import io, json, sys, tarfile
head = json.dumps({'version': 1, 'id': 'evil', 'base': '', 'generation': '0123456789abcdef'}).encode()
def make(name, members):
    with tarfile.open(sys.argv[1] + '/evil/' + name, 'w') as tar:
        info = tarfile.TarInfo('cache.json')
        info.size = len(head)
        tar.addfile(info, io.BytesIO(head))
        for path, kind, link in members:
            info = tarfile.TarInfo(path)
            info.type, info.linkname = kind, link
            tar.addfile(info)
F, L, H, D = tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE
make('up.tar', [('data/../../out', F, '')])
make('outside.tar', [('elsewhere', F, '')])
make('link.tar', [('data', D, ''), ('data/l', L, '/'), ('data/l/out', F, '')])
make('hard.tar', [('data', D, ''), ('data/h', H, '/etc/passwd')])
P
for archive in *.tar; do
  if gen cache import "$archive" 2>"$t/err"; then fail "imported $archive"; fi
  equal "$(wc -l <"$t/err")" 1
done
equal "$(gen cache ls | grep -c evil || true)" 0
