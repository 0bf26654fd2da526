#!/bin/bash
# gen provenance: what a file of the image comes from, through COPYs, RUNs, mounts and stages.
. "$(dirname "$0")/common.inc"
cat >Dockerfile <<'D'
FROM alpine:latest AS tools
COPY helper /bin/helper
FROM alpine:latest AS build
WORKDIR /src
COPY . .
RUN cat lib/*.txt >/parts
RUN --mount=type=bind,from=tools,source=/bin/helper,target=/helper --mount=type=bind,source=conf,target=/conf \
    cat main.txt /parts /helper /conf/one /etc/os-release >/out.txt
RUN ln -s out.txt /link
FROM alpine:latest
COPY --from=build /out.txt /link /app/
COPY unread renamed
COPY <<x /inline
text
x
D
mkdir lib conf
for f in main.txt lib/one.txt lib/two.txt helper unread conf/one conf/two; do echo "$f" >$f; done
build
check() { # FILE PYTHON: with p, the answer
  gen provenance --json "$1" >"$t/json" || fail "no answer for $1"
  python3 -c 'import json, sys
p = json.load(open(sys.argv[1]))
assert '"$2"', p' "$t/json"
}
check app/out.txt 'p["files"] == ["conf/one", "helper", "lib/one.txt", "lib/two.txt", "main.txt"]'
check app/out.txt 'p["way"][0].startswith("made by COPY --from=build /out.txt") and p["way"][1] == "copied from /out.txt"'
check app/out.txt 'p["way"][2].startswith("made by RUN --mount") and len(p["steps"]) == 5'
check app/out.txt '[b["from"] for b in p["bases"]] == ["FROM alpine:latest"]'
check /renamed 'p["files"] == ["unread"] and not p["bases"]'
check /bin/busybox 'p["way"] == ["from the base image, FROM alpine:latest"] and not p["files"]'
check /inline 'p["others"] and not p["files"]'
gen provenance /app/out.txt >"$t/text"
contains "$t/text" '  lib/one.txt'
contains "$t/text" '  copied from /out.txt'
gen provenance /src/main.txt 2>"$t/err" && fail 'it is not in the image'
contains "$t/err" 'the image has no /src/main.txt'
