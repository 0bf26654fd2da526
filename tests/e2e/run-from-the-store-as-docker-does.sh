#!/bin/bash # slow
# The walk through the example: built in one stage and in two, listed with sizes, its history, run in the background with a name
# and a port, an ENV overridden, looked into, stopped, tagged, pushed, and pulled by others.
. "$(dirname "$0")/common.inc"
democice
command -v slirp4netns >/dev/null || skip 'needs slirp4netns'
mkdir "$t/single"
cp -R "$ctx/." "$t/single"
mv "$t/single/Dockerfile.single" "$t/single/Dockerfile"
build "${democice_options[@]}" -t democice:two
(cd "$t/single" && targets=(image) && build "${democice_options[@]}" -t democice:one)
gen images --json >"$t/images"
python3 - "$t/images" <<'P'
import json, sys
size = {n.split(':')[-1]: i['size'] for i in json.load(open(sys.argv[1])) for n in i['names']}
assert size['one'] >= 30 * size['two'], size
P
gen images | grep -Eq '^democice:two +[0-9a-f]{12} +[0-9.]+ MB +3 ' || fail "images: $(gen images)"
equal "$(gen images -q democice:o | wc -l)$(gen images --json democice | grep -c digest)" 12
gen history democice:two >"$t/history"
contains "$t/history" 'COPY /go/src/app/webserver .'
contains "$t/history" 'EXPOSE [8080/tcp]'
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
equal "$(cd "$t/single" && gen run -d --name web -p "127.0.0.1:$port:8080" -e GIN_MODE=release -e X='a b')" web
trap 'gen rm -f web >/dev/null 2>&1 || true; cleanup' EXIT
reply=
for _ in $(seq 50); do
  reply=$(curl -fs "http://127.0.0.1:$port/ping") && break
  sleep 0.1
done
equal "$reply" '{"message":"pong"}'
gen ps >"$t/ps"
contains "$t/ps" "127.0.0.1:$port->8080/tcp"
gen exec web go env GOPATH >"$t/out"
equal "$(cat "$t/out")" /go
gen exec web sh -c 'echo "$GIN_MODE $X $HOSTNAME"; ls -al' >"$t/out"
contains "$t/out" 'release a b web'
contains "$t/out" main.go
gen logs web >"$t/log"
contains "$t/log" /ping
! grep -q 'GIN-debug' "$t/log" || fail 'GIN_MODE was not taken'
gen stop web
gen ps -a | grep -Eq '^web .*exited \(' || fail "ps -a: $(gen ps -a)"
! curl -fs "http://127.0.0.1:$port/ping" || fail 'it answers still'
gen rm web
equal "$(gen ps -a | wc -l)" 1
generate "${democice_options[@]}" -t "$REG/e2e/walk:1"
quietly ninja push
quietly skopeo copy --src-tls-verify=false "docker://$REG/e2e/walk:1" "dir:$t/pulled"
quietly test_podman pull --tls-verify=false "$REG/e2e/walk:1"
