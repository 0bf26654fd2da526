#!/bin/bash
# Containers of a user who is not root: a port, another program inside, the end.
. "$(dirname "$0")/common.inc"
[ -c /dev/net/tun ] && command -v newuidmap slirp4netns >/dev/null || skip 'needs newuidmap, slirp4netns and /dev/net/tun'
printf 'FROM alpine:latest\nRUN echo pong >/ping\nCMD ["httpd", "-f", "-p", "8080", "-h", "/"]\n' >Dockerfile
mkdir "$t/bin"
cp "$(dirname "$(command -v gen)")"/gen{,-net} "$t/bin"
cp -R "$top/rules" "$t/bin"
echo ann:300000:65536 | tee "$t/subuid" >"$t/subgid"
cat >"$t/as-ann" <<'A'
set -e
mount --make-rprivate /
for file in passwd group; do cp /etc/$file "$t/$file"; done
echo 'ann:x:4242:4242::/:/bin/sh' >>"$t/passwd"
for file in passwd group subuid subgid; do
  [ -e "/etc/$file" ] || touch "/etc/$file"
  mount --bind "$t/$file" "/etc/$file"
done
mknod -m 666 "$t/fuse" c 10 229 && mount --bind "$t/fuse" /dev/fuse
mknod -m 666 "$t/tun" c 10 200 && mount --bind "$t/tun" /dev/net/tun
exec setpriv --reuid=4242 --regid=4242 --clear-groups env "PATH=$t/bin:$PATH" HOME="$t" bash "$t/walk.sh"
A
chown -R 4242:4242 "$t"
export t port
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$t/walk.sh" <<'W'
set -euo pipefail
cd "$t/ctx"
gen && ninja image
gen run -d --name c -p "127.0.0.1:$port:8080"
for _ in $(seq 50); do curl -fs "http://127.0.0.1:$port/ping" && break; sleep 0.1; done
gen exec c sh -c 'id -u; cat /proc/1/comm'
gen stop -t 0 c
gen ps -a
W
unshare -m bash "$t/as-ann" >"$t/out" 2>&1 || fail "$(cat "$t/out")"
grep -qx pong "$t/out" || fail "$(cat "$t/out")"
equal "$(grep -A1 -x 0 "$t/out" | tr '\n' ' ')" '0 httpd '
contains "$t/out" 'exited (137)'
