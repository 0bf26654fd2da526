#!/bin/bash
# What an execution leaves in a warm tool's caches is kept as it is, in layers that are few however many edits there are; they
# are listed and emptied. Nothing is kept where a source could be older than what go knows of it.
. "$(dirname "$0")/common.inc"
. "$here/warm.inc"
go_stage >Dockerfile <<'D'
RUN go build -trimpath -o /out/app . && echo x >/out/note
FROM alpine:latest
COPY --from=build /out /
D
layers() { find "$KASANE_STORE/warm" -mindepth 2 -maxdepth 2 -type d | wc -l; }
build
equal "$(layers)" 1
gen cache ls | grep -qE '^warm/go-build +[1-9][0-9]{2,} ' || fail "$(gen cache ls)"
gen cache rm warm/go-build >/dev/null
equal "$(layers)" 0
equal "$(gen cache ls)" 'no caches'
say two
build
contains "$t/ninja.log" 'keeps what is new of go-build'
equal "$(layers)" 1
same_as_cold
echo x >unread
build
contains "$t/ninja.log" 'hit RUN go build'
for number in 1 2 3 4 5 6 7 8 9; do
  say "number $number"
  build
  ran_warm
done
[ "$(layers)" -gt 1 ] && [ "$(layers)" -lt 6 ] || fail "$(layers) layers"
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
equal "$(layers)" 0
! grep -q 'runs again' "$t/ninja.log" || fail "$(cat "$t/ninja.log")"
equal "$(in_image made.go)" "$(cat main.go)"
