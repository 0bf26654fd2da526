#!/bin/bash
# gen verify of RUNs whose warm tool's caches were left out of the tree, also of the tree below: they are executed without
# them, and no record of the build is replaced.
. "$(dirname "$0")/common.inc"
. "$(dirname "$0")/warm.inc"
go_stage >Dockerfile <<'D'
RUN go build -trimpath -o /out/app .
RUN go build -trimpath -ldflags=-s -o /out/again .
FROM alpine:latest
COPY --from=build /out /
D
build
say two
build
ran_warm
before=$(find .kasane "$KASANE_STORE/results" "$KASANE_STORE/warm" -type f -printf '%p %T@\n' | sort)
gen verify >"$t/verify" || fail 'it differs:' "$(cat "$t/verify")"
contains "$t/verify" '2 of 2 RUNs are equal'
equal "$(find .kasane "$KASANE_STORE/results" "$KASANE_STORE/warm" -type f -printf '%p %T@\n' | sort)" "$before"
