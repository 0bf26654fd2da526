#!/bin/bash
# A layer that arrives with other bytes than its digest says is refused, to the letter, and nothing of it is kept.
. "$(dirname "$0")/common.inc"
# A registry between us and the real one that changes a byte of each layer: gzip's mtime, so that it inflates to the same.
cat >"$t/front.py" <<'P'
import sys, threading
sys.path.insert(0, sys.argv[1] + '/tests/registry')
import harness
def damage(handler, body):
    status, headers, data = handler.ask(body)
    if '/blobs/' in handler.path and data[:2] == b'\x1f\x8b':
        data = data[:4] + bytes([data[4] ^ 1]) + data[5:]
    handler.reply(status, headers, data)
    return True
front = harness.Front(sys.argv[2], damage)
print(front.port, flush=True)
threading.Event().wait()
P
mkfifo "$t/port"
python3 "$t/front.py" "$top" "$REG" >"$t/port" &
front=$!
trap 'kill $front; cleanup' EXIT
read -r port <"$t/port"
rm -rf "$KASANE_STORE"
printf 'FROM 127.0.0.1:%s/library/alpine:latest\nRUN true\n' "$port" >Dockerfile
generate
layer=$(skopeo inspect --tls-verify=false --format '{{index .Layers 0}}' "docker://$REG/library/alpine:latest")
real=$(curl -fs "http://$REG/v2/library/alpine/blobs/$layer" |
  python3 -c 'import sys,hashlib; d = sys.stdin.buffer.read(); print(hashlib.sha256(d[:4] + bytes([d[4] ^ 1]) + d[5:]).hexdigest())')
status=0
ninja image >"$t/out" 2>&1 || status=$?
equal "$status" 1
equal "$(grep '^kasane:' "$t/out")" \
  "kasane: 127.0.0.1:$port/library/alpine: layer $layer: wrong digest: expected $layer, got sha256:$real"
hex=${layer#sha256:}
[ ! -e "$KASANE_STORE/blobs/sha256/${hex:0:2}/$hex" ] || fail 'the blob is in the store'
equal "$(find "$KASANE_STORE/results" .kasane/records -type f)" ''
nothing_left_behind
