#!/bin/bash
# Without /dev/fuse a RUN works on a copy of what is below it: the same image, byte for byte, mounts, deletions, links and all. It
# is executed again for a change that it did not read, and gen says why, once.
. "$(dirname "$0")/common.inc"
export SOURCE_DATE_EPOCH=1700000000
cat >Dockerfile <<'D'
FROM alpine:latest AS build
WORKDIR /w
COPY --chown=7:8 . .
RUN mkdir d && echo x >d/x && chown 33:44 d/x && chmod 4750 d/x && ln d/x y && rm -r /usr /w/b && mkdir -p /usr/e && ln -s /w l
RUN --mount=type=cache,target=/c --mount=type=bind,target=/ctx,rw --mount=type=bind,source=a,target=/one/a \
    cat /ctx/a /one/a >o && echo z >/ctx/a && touch /c/y && mv /etc/passwd p && mv /w/d /w/e && echo more >>/w/a
RUN --network=none cat /w/o && touch -d @5 /w/o
FROM alpine:latest
COPY --from=build / /r
D
echo one >a
echo b >b
echo text >unread
build
digest=$(image_digest)
rm -rf .kasane build.ninja "$KASANE_STORE"
new_store "$KASANE_STORE"
cat >"$t/hidden" <<'H'
set -e
mount --make-rprivate /
mkdir -p "$t/dev"
mount -t tmpfs none "$t/dev"
cp -a /dev/{null,zero,full,random,urandom,tty} "$t/dev"
mount --rbind "$t/dev" /dev
gen 2>"$t/said"
ninja "$@"
H
copying() { t=$t unshare -m bash "$t/hidden" image >"$t/ninja.log" 2>&1 || fail "$(cat "$t/ninja.log" "$t/said")"; }
copying
equal "$(image_digest)" "$digest"
contains "$t/said" 'warning: there is no /dev/fuse that can be opened: each RUN works on a copy of what is below it'
equal "$(ls "$KASANE_STORE/tmp")" ''
copying
contains "$t/ninja.log" 'no work to do'
echo other >unread
copying
contains "$t/ninja.log" 'ran RUN mkdir d'
equal "$(in_image r/w/unread)" other
digest=$(image_digest)
rm -rf .kasane build.ninja "$KASANE_STORE"
new_store "$KASANE_STORE"
build
equal "$(image_digest)" "$digest"
