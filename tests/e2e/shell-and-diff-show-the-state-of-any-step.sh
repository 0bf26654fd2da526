#!/bin/bash
# gen shell: the state before and after a step, and before one that has failed; gen run --target; gen diff of steps and images.
. "$(dirname "$0")/common.inc"
cat >Dockerfile <<'D'
FROM alpine:latest AS build
WORKDIR /src
ENV A=env
COPY f .
RUN echo made >made; rm f; chmod 600 /etc/passwd
RUN test -e nosuch
FROM alpine:latest
COPY --from=build /src/made /made
CMD ["cat", "/made"]
D
echo content >f
gen
! ninja >"$t/log" 2>&1 || fail 'it was built'
equal "$(gen shell build:4 -- cat f)" content
equal "$(gen shell build:5 -- sh -c 'cat made; echo $A; pwd; touch /new; ls')" $'made\nenv\n/src\nmade'
equal "$(gen shell --before build:5 -- ls)" f
equal "$(echo 'ls; exit 3' | gen shell build 2>"$t/err" || echo $?)" $'made\n3'
contains "$t/err" 'RUN test -e nosuch  (Dockerfile:6, stage build) has not succeeded: this is the state before it'
! gen shell nosuch 2>"$t/err" || fail 'a stage that is none has a shell'
contains "$t/err" 'no step at nosuch; its stages: 1, build'
gen diff build:4 build:5 >"$t/diff"
contains "$t/diff" 'C /etc/passwd  mode 0644 -> 0600'
contains "$t/diff" 'D /src/f  8 bytes'
contains "$t/diff" 'A /src/made  5 bytes'
sed -i '/nosuch/d' Dockerfile
build -t one:1
equal "$(gen run --rm --target build -- cat made)" made
printf 'FROM alpine:latest AS s\nENV V=env\nWORKDIR /w\nRUN --mount=type=cache,target=/c --mount=type=secret,id=t,env=T true\nUSER 7\nENTRYPOINT ["sh", "-c", "echo $V $(pwd) $(id -u) $0"]\nCMD ["cmd"]\nFROM alpine:latest\nCOPY --from=s /etc/passwd /p\n' >"$t/Staged"
generate -f "$t/Staged" -C "$t/staged" && quietly ninja -C "$t/staged"
equal "$(gen run --rm -C "$t/staged" --target s)" 'env /w 7 cmd'
equal "$(gen run --rm -C "$t/staged" --target S -- word)" 'env /w 7 word'
equal "$(gen shell -C "$t/staged" s:4 -- pwd 2>"$t/err")" /w
contains "$t/err" "gen: what the build was not given is not here (--secret, --ssh): secret t in \$T"
equal "$(S=safe gen shell -C "$t/staged" --secret id=t,env=S --secret id=u,env=S s:4 -- sh -c 'echo $T' 2>"$t/err")" safe
contains "$t/err" 'gen: the RUN does not ask for: secret u'
echo 'FROM alpine AS from' >"$t/Mounts"
echo 'FROM from' >>"$t/Mounts"
echo 'RUN --mount=from=from,target=/f,source=etc --mount=target=/ctx --mount=type=cache,target=/c --mount=type=tmpfs,target=/tmp/t --mount=type=secret,id=s touch /c/used' >>"$t/Mounts"
generate -f "$t/Mounts" -C "$t/mounts" --secret "id=s,src=f" && quietly ninja -C "$t/mounts"
equal "$(gen shell -C "$t/mounts" 1:3 -- sh -c 'ls /c; cat /ctx/f /run/secrets/s; test -e /f/passwd; grep -c /tmp/t /proc/mounts')" $'used\ncontent\ncontent\n1'
echo mine >"$t/mine" # what is given now counts more
equal "$(gen shell -C "$t/mounts" --secret "id=s,src=$t/mine" 1:3 -- cat /run/secrets/s)" mine
equal "$(gen run --rm -C "$t/mounts" --target from -- sh -c 'test -e /etc/passwd && echo there')" there
sed -i 's/^CMD.*/ENV B=b\nCMD ["true"]/; s/echo made/echo remade/' Dockerfile
generate -t two:1 -C "$t/other"
quietly ninja -C "$t/other"
gen diff one:1 two:1 >"$t/diff" || fail "$(cat "$t/diff")"
contains "$t/diff" 'C /made  content 5 -> 7 bytes'
contains "$t/diff" 'config Env.B: - -> "b"'
contains "$t/diff" 'config Cmd: ["cat","/made"] -> ["true"]'
gen diff --json one:1 two:1 | python3 -c 'import json,sys; d=json.load(sys.stdin); assert [f["path"] for f in d["files"]] == ["/made"], d'
equal "$(gen diff one:1 one:1)" 'no difference'
equal "$(gen ps -a | wc -l)" 1
