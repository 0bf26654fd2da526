#!/bin/bash
# --sbom lists the packages of databases, Go programs, npm and pip; the index that holds it is BuildKit's in form, is
# pushed, and is taken by skopeo, podman and BuildKit.
. "$(dirname "$0")/common.inc"
python3 -c 'import jsonschema' 2>/dev/null || skip 'no python3-jsonschema'
need_buildkit
name=$REG/e2e/sbom-$$
cat >Dockerfile <<'D'
FROM golang:latest AS build
WORKDIR /app
COPY go.mod main.go ./
RUN CGO_ENABLED=0 go build -o /server .
FROM alpine:latest
COPY --from=build /server /bin/
COPY <<E /var/lib/dpkg/status
Package: libc6
Status: install ok installed
Version: 2.36-9
E
COPY <<E /app/node_modules/left-pad/package.json
{"name":"left-pad","version":"1.3.0"}
E
COPY <<E /usr/lib/python3/dist-packages/six-1.16.dist-info/METADATA
Name: six
Version: 1.16
E
D
printf 'module example.org/server\n' >go.mod
printf 'package main\nfunc main() {}\n' >main.go
SOURCE_DATE_EPOCH=86400 build --sbom --provenance -t "$name:1"
python3 "$here/statements.py" .kasane/out/oci sbom >"$t/sbom"
for what in 'libc6@2.36-9' npm/left-pad@1.3.0 pypi/six@1.16 golang/example.org/server golang/stdlib@ 1970-01-02T00:00:00Z; do
  contains "$t/sbom" "$what"
done
build_only push
equal "$(skopeo inspect --raw --tls-verify=false "docker://$name:1" | sha256sum | cut -d' ' -f1)" "$(image_digest | cut -d: -f2)"
equal "$(skopeo inspect --tls-verify=false "docker://$name:1" | python3 -c 'import json,sys; print(json.load(sys.stdin)["Architecture"])')" amd64
quietly test_podman pull --tls-verify=false "$name:1"
quietly test_podman push --tls-verify=false "$name:1" "$name:2"
# As a base it is one image, for BuildKit and for gen.
mkdir "$t/app"
cd "$t/app"
printf 'FROM %s:1\nCOPY Dockerfile /more\n' "$name" >Dockerfile
quietly "$top/tests/fixtures/buildkit-build.sh" "$t/app" "$t/bk.tar"
build
quietly "$ocidiff" .kasane/out/oci "$t/bk.tar"
