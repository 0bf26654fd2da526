#!/bin/bash
# "# kasane: layer NAME" above neighbours puts them into one layer; the image's files are the same as without.
. "$(dirname "$0")/common.inc"
cat >Dockerfile <<'D'
FROM alpine:latest
# kasane: layer deps
RUN mkdir /a && echo big >/a/cache && echo one >/a/one && ln /a/one /a/link
ENV A=1
# kasane: layer deps
RUN rm /a/cache /a/link && echo two >>/a/one && rm -rf /bin/cat /var && mkdir /var && echo x >/var/new
# kasane: layer deps
COPY conf /a/
RUN echo alone >/alone
WORKDIR /w
D
echo conf >conf
export SOURCE_DATE_EPOCH=1
build
cp -r .kasane/out/oci "$t/grouped"
layers() { skopeo inspect "oci:$1" | python3 -c 'import json,sys; print(len(json.load(sys.stdin)["Layers"]))'; }
equal "$(layers "$t/grouped")" 4
tar -tzf "$t/grouped/blobs/sha256/$(skopeo inspect --raw "oci:$t/grouped" | python3 -c 'import json,sys; print(json.load(sys.stdin)["layers"][1]["digest"][7:])')" >"$t/members"
grep -q 'a/cache\|a/link' "$t/members" && fail 'what was removed is in the layer' "$(cat "$t/members")"
echo more >>conf
build_only
expect_edges 'COPY conf' 'RUN echo alone' 'WORKDIR' 'layer of 0.deps' 'layer of RUN echo alone' 'layer of WORKDIR' '^image' # the RUN is a hit
sed -i /kasane:/d Dockerfile
build
equal "$(layers .kasane/out/oci)" 6
cp -r .kasane/out/oci "$t/alone"
echo conf >conf && build
quietly "$ocidiff" "$t/grouped" .kasane/out/oci --no-history
"$ocidiff" "$t/grouped" "$t/alone" --no-history >/dev/null && fail 'ocidiff sees nothing'
printf 'FROM scratch\n# kasane: layer a\nCOPY conf /a\nCOPY conf /b\n# kasane: layer a\nCOPY conf /c\n' >Dockerfile
gen >"$t/out" 2>&1 && fail 'a layer has two parts'
contains "$t/out" 'Dockerfile:6:1: error: layer a has ended above'
