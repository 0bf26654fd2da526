#!/bin/bash
# RUNs of a user who is not root are executed in a user namespace: owners, deletions, mounts and all, byte for byte. Who has
# no ids in /etc/subuid has only root in his RUNs, and is told.
. "$(dirname "$0")/common.inc"
[ -c /dev/net/tun ] && command -v newuidmap slirp4netns >/dev/null || skip 'needs newuidmap, slirp4netns and /dev/net/tun'
export SOURCE_DATE_EPOCH=1700000000
cat >Dockerfile <<'D'
FROM alpine:latest AS build
WORKDIR /w
COPY --chown=7:8 . .
RUN id -u >/o && mkdir d && touch d/x && chown 33:44 d/x && chmod 4750 d/x && rm /etc/passwd && rm -r /usr && mkdir /usr
RUN --network=none --mount=type=cache,target=/c --mount=type=tmpfs,target=/t stat -c '%u %g %a' d/x a >>/o; touch /c/y /t/z
RUN grep -c ^tap0 /proc/net/route >>/o
RUN --device=v.com/zero=x echo $ZERO >>/o && head -c 3 /dev/given/zero | wc -c >>/o && stat -c %t,%T /dev/given/zero >>/o
FROM alpine:latest
COPY --from=build / /r
D
echo one >a
mkdir "$t/cdi"
cat >"$t/cdi/v.json" <<'C'
{"cdiVersion": "0.6.0", "kind": "v.com/zero", "devices": [{"name": "x", "containerEdits": {"env": ["ZERO=yes"],
 "deviceNodes": [{"path": "/dev/given/zero", "hostPath": "/dev/zero"}]}}]}
C
export devices="--cdi-spec-dir=$t/cdi --allow=device"
build $devices
digest=$(image_digest)
equal "$(in_image r/o)" $'0\n33 44 4750\n7 8 644\n2\nyes\n3\n1,5'
# The same as ann, whom only a mount namespace knows, and who may not look where root has built gen.
mkdir "$t/bin"
cp "$(dirname "$(command -v gen)")"/gen{,-net} "$t/bin"
cp -R "$top/rules" "$t/bin"
cat >"$t/as-ann" <<'A'
set -e
mount --make-rprivate /
for file in passwd group; do cp /etc/$file "$t/$file"; done
echo 'ann:x:4242:4242::/:/bin/sh' >>"$t/passwd"
echo 'ann:x:4242:' >>"$t/group"
for file in passwd group subuid subgid; do
  [ -e "/etc/$file" ] || touch "/etc/$file"
  mount --bind "$t/$file" "/etc/$file"
done
mknod -m 666 "$t/fuse" c 10 229 && mount --bind "$t/fuse" /dev/fuse
mknod -m 666 "$t/tun" c 10 200 && mount --bind "$t/tun" /dev/net/tun
exec setpriv --reuid=4242 --regid=4242 --clear-groups bash -c 'PATH=$t/bin:$PATH; gen $devices && ninja oci'
A
as_ann() {
  rm -rf "$t/ann" "$t/ann-store" "$t/fuse" "$t/tun"
  mkdir "$t/ann"
  cp Dockerfile a "$t/ann"
  cp -a "$KASANE_SEED" "$t/ann-store"
  rm -f "$t/ann-store/lock"
  chown -R 4242:4242 "$t/ann" "$t/ann-store"
  (cd "$t/ann" && export t KASANE_STORE=$t/ann-store && unshare -m bash "$t/as-ann") >"$t/ann.log" 2>&1
}
echo ann:300000:65536 | tee "$t/subuid" >"$t/subgid"
as_ann || fail "$(cat "$t/ann.log")"
equal "$(cd "$t/ann" && image_digest)" "$digest"
equal "$(find "$t/ann-store" -not -user 4242)$(ls "$t/ann-store/tmp")" ''
: >"$t/subuid"
if as_ann; then fail 'an owner came from nowhere'; fi
contains "$t/ann.log" 'RUN knows root alone, no other user: there are no ids for ann in /etc/subuid'
contains "$t/ann.log" 'chown: d/x: Invalid argument'
