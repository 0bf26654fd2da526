#!/bin/bash
# unlink of a file that the tree has no more: the RUN runs, and leaves no whiteout of nothing.
. "$(dirname "$0")/nasty.inc"
under_epoch
echo a >victim
echo a >kept
cat >Dockerfile <<'D'
FROM alpine:latest
COPY . /w
RUN ["/bin/rm", "-f", "/w/victim"]
RUN unlink /w/kept
D
expect ran ran
echo other >victim
expect hit hit
rm victim
expect ran hit
quietly ninja oci
python3 - .kasane/out/oci <<'P'
import sys, json, tarfile
layout = sys.argv[1]
blob = lambda d: layout + '/blobs/' + d['digest'].replace(':', '/')
manifest = json.load(open(blob(json.load(open(layout + '/index.json'))['manifests'][0])))
names = [m.name for layer in manifest['layers'][1:] for m in tarfile.open(blob(layer))]
assert not [n for n in names if '.wh.victim' in n], names
assert [n for n in names if '.wh.kept' in n], names
P
mkdir victim # rm -f of a directory fails
sed -i 's/"-f"/"-rf"/' Dockerfile
expect ran hit
