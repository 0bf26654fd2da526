#!/bin/bash
# gen --compression: type and level of the layers, remembered; the files in them, and all RUNs, stay what they are.
. "$(dirname "$0")/common.inc"
"$top/tests/bench/synthetic.py" --files 60 --bytes 3000000 data
printf 'FROM alpine:latest\nCOPY data /data\nRUN ls /data >/list\n' >Dockerfile
layer() { # FIELD of the layer of the COPY
  python3 -c 'import json, sys
def blob(d): return json.load(open(".kasane/out/oci/blobs/sha256/" + d["digest"][7:]))
layer = blob(json.load(open(".kasane/out/oci/index.json"))["manifests"][0])["layers"][-2]
print(layer[sys.argv[1]])' "$1"
}
blob() { printf '.kasane/out/oci/blobs/sha256/%s' "$(layer digest | cut -d: -f2)"; }
sizes=()
for option in '' uncompressed gzip,level=1 gzip,level=9 gzip,level=12 zstd zstd,level=19; do
  build ${option:+--compression=$option}
  case $option in
    uncompressed) type='' unpack=(cat) ;;
    zstd*) type=+zstd unpack=(zstd -dc) ;;
    *) type=+gzip unpack=(gzip -dc) ;;
  esac
  equal "$(layer mediaType)" "application/vnd.oci.image.layer.v1.tar$type"
  "${unpack[@]}" <"$(blob)" >"$t/tar"
  [ -z "${tar:-}" ] || equal "$(sha256sum <"$t/tar")" "$tar"
  tar=$(sha256sum <"$t/tar")
  sizes+=("$(layer size)")
  [ -z "$option" ] || expect_edges 'layer of COPY' 'layer of RUN' '^image'
done
default=${sizes[0]} fast=${sizes[2]} nine=${sizes[3]} best=${sizes[4]} zstd=${sizes[5]} zstd_best=${sizes[6]}
[ "$fast" -gt "$default" ] && [ "$default" -gt "$nine" ] && [ "$nine" -gt "$best" ] || fail "gzip: ${sizes[*]}"
[ "$zstd" -gt "$zstd_best" ] && [ "$zstd_best" -lt "$best" ] || fail "zstd: ${sizes[*]}"
# It is remembered, and the store knows layers of before.
echo more >>Dockerfile.dockerignore
build_only image
equal "$(layer size)" "$zstd_best"
build
equal "$(layer size)" "$default"
! gen --compression=gzip,level=13 2>"$t/error" || fail 'no error'
contains "$t/error" 'levels of gzip are 1 to 12'
