#!/bin/bash
# What the first execution leaves in a warm tool's caches is set aside unread; the next that is offered it reads it, once. It is
# listed and emptied before that, too. It is not set aside where it would not be kept.
. "$(dirname "$0")/common.inc"
. "$here/warm.inc"
go_stage >Dockerfile <<'D'
RUN go build -trimpath -o /out/app . && echo x >/out/note
FROM alpine:latest
COPY --from=build /out /
D
unread() { find "$KASANE_STORE/warm" -maxdepth 1 -name '*.new' | wc -l; }
build
equal "$(unread)" 1
gen cache ls | grep -qE '^warm/go-build +[1-9][0-9]{2,} ' || fail "$(gen cache ls)"
gen cache rm warm/go-build >/dev/null
equal "$(unread)" 0
equal "$(gen cache ls)" 'no caches'
say two
build
contains "$t/ninja.log" 'keeps what is new of go-build'
equal "$(unread)" 1
same_as_cold
# A hit needs none of it.
echo x >unread
build
contains "$t/ninja.log" 'hit RUN go build'
equal "$(unread)" 1
say three
build
ran_warm
equal "$(unread)" 0
same_as_cold
# Under an epoch no time tells which source is new.
go_stage >Dockerfile <<'D'
RUN go build -trimpath -o /out/app . && cp main.go /out/made.go
FROM alpine:latest
COPY --from=build /out /
D
rm -rf .kasane "$KASANE_STORE"
new_store "$KASANE_STORE"
build
equal "$(unread)" 0
! grep -q 'runs again' "$t/ninja.log" || fail "$(cat "$t/ninja.log")"
equal "$(in_image made.go)" "$(cat main.go)"
