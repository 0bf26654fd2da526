#!/bin/bash
# From nothing to a running container: installs what is missing, builds gen, builds the image of the example (a Go web
# server, two stages), runs it and asks it for /ping. Debian 12, root.   usage: tests/demo.sh
# Where Docker Hub can be reached the base images are the real ones; else stand-ins made of Debian packages are served by a
# registry on this machine (tests/fixtures).
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$top"
step() { printf '\n== %s\n' "$*"; }
show() {
  printf '$ %s\n' "$*"
  "$@"
}

step 'install what is missing'
third_party/setup.sh

step 'build gen'
show bazel build //generator:gen
export PATH=$top/bazel-bin/generator:$PATH:/usr/sbin

. tests/fixtures/env.sh
# A proxy may answer in its place.
docker_hub_answers() {
  curl -s -D - -o /dev/null --max-time 5 https://registry-1.docker.io/v2/ |
    grep -i '^docker-distribution-api-version:' >/dev/null
}
if [ -z "${KASANE_FIXTURES_ONLY:-}" ] && docker_hub_answers; then
  step 'base images: Docker Hub'
  unset CONTAINERS_REGISTRIES_CONF
  options=()
else
  step 'base images: stand-ins, as Docker Hub cannot be reached'
  tests/fixtures/up.sh
  show export CONTAINERS_REGISTRIES_CONF="$CONTAINERS_REGISTRIES_CONF"
  options=("${democice_options[@]}")
fi

step 'the example: gen && ninja image'
work=$(mktemp -d)
container=
podman_() { podman --root "$work/podman" --runroot "$work/podman-run" --tmpdir "$work/podman-tmp" --runtime runc \
  --cgroup-manager cgroupfs --storage-driver "$driver" "$@"; }
driver=overlay
finish() {
  if [ -n "$container" ]; then podman_ rm -f -t 0 "$container" >/dev/null; fi
  rm -rf "$work"
}
trap finish EXIT
cp -R tests/examples/democice "$work/democice"
cd "$work/democice"
export KASANE_STORE=${KASANE_STORE:-$work/store}
show gen "${options[@]}" -t democice
show ninja archive

step 'run it'
if ! podman_ load -q -i .kasane/out/image.tar; then
  driver=vfs
  podman_ load -q -i .kasane/out/image.tar
fi
container=$(podman_ run -d --network host --ulimit nofile=1024:1024 --ulimit nproc=1024:1024 \
  docker.io/library/democice:latest)
for _ in $(seq 50); do
  if reply=$(curl -fs http://127.0.0.1:8080/ping); then break; fi
  sleep 0.1
done
printf '$ curl http://127.0.0.1:8080/ping\n%s\n' "${reply:-no answer}"
[ "${reply:-}" = '{"message":"pong"}' ]

step 'nothing to do, then an edit'
show ninja image
sed -i 's/"pong"/"pong, again"/' main.go
echo "\$ sed -i 's/\"pong\"/\"pong, again\"/' main.go"
show ninja image
echo
echo 'demo: ok'
