#!/bin/bash
# --provenance=mode=max names base images, build arguments and the files that RUNs read, no others and no secrets; it
# follows what they read when nothing else has changed.
. "$(dirname "$0")/common.inc"
python3 -c 'import jsonschema' 2>/dev/null || skip 'no python3-jsonschema'
statement() { python3 "$here/statements.py" .kasane/out/oci "$1" >"$t/$1"; }
cat >Dockerfile <<'D'
FROM alpine:latest AS build
ARG V
COPY . /src/
RUN --mount=type=secret,id=token if [ -e /src/switch ]; then cat /src/b.txt; fi; cat /src/a.txt >/out
FROM scratch
COPY --from=build /out /out
COPY conf /conf
D
for f in a.txt b.txt conf README.md; do echo "$f" >$f; done
export TOKEN=my-secret
options=(--provenance=mode=max --build-arg V=2 --secret id=token,env=TOKEN)
build "${options[@]}"
statement provenance
for what in '"context:a.txt"' '"context:conf"' '"build-arg:V": "2"' '"id": "token"' 'pkg:docker/alpine@latest'; do contains "$t/provenance" "$what"; done
contains "$t/provenance" "$(sha256sum a.txt | cut -d' ' -f1)"
grep -qE 'my-secret|README|context:b' "$t/provenance" && fail 'too much is said' "$(cat "$t/provenance")"
build_only && expect_no_work
touch switch && build "${options[@]}"
statement provenance
contains "$t/provenance" '"context:b.txt"'
cp "$t/provenance" "$t/incremental"
rm -rf .kasane build.ninja
new_store "$t/store2"
export KASANE_STORE=$t/store2
build "${options[@]}"
statement provenance && equal "$(cat "$t/provenance")" "$(cat "$t/incremental")"
build --provenance && statement provenance
grep -qE 'context:|build-arg' "$t/provenance" && fail 'mode=min says too much'
build && python3 -c 'import json; assert "image.manifest" in json.load(open(".kasane/out/oci/index.json"))["manifests"][0]["mediaType"]'
# Of an image that is FROM this one's build the digest of this one's image.
image_digest >"$t/base"
mkdir "$t/derived" && cd "$t/derived"
printf 'FROM app\nCOPY Dockerfile /\n' >Dockerfile
build --provenance --build-context "app=build://$ctx"
statement provenance
contains "$t/provenance" 'pkg:docker/app@latest'
contains "$t/provenance" "$(cut -d: -f2 "$t/base")"
