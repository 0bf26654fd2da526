#!/bin/bash
# An edit finds go's caches as the last build left them, and the image is a clean build's: also after an edit that keeps
# the size where all times are one (soundness.md A2-T4), and of a file that go does not compile (A1).
. "$(dirname "$0")/common.inc"
. "$(dirname "$0")/warm.inc"
go_stage >Dockerfile <<'D'
RUN go build -trimpath -o /out/app .
FROM alpine:latest
COPY --from=build /out/app /
D
printf '//go:build ignore\n\npackage main\n\nfunc init() { println("more") }\n' >more.go
build
contains "$t/ninja.log" 'keeps what is new of go-build'
say two
build
ran_warm
same_as_cold
sed -i 's/build ignore/build !other/' more.go # now it is compiled
build
ran_warm
same_as_cold
sed -i 's/!other/ other/' more.go # of the same size: not any more
build
ran_warm
same_as_cold
# What was built before is found again, and no state is needed for that.
rm -r "$KASANE_STORE/warm"
say one
rm more.go
printf '//go:build ignore\n\npackage main\n\nfunc init() { println("more") }\n' >more.go
build
contains "$t/ninja.log" 'hit RUN go build'
