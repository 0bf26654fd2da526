#!/bin/bash
# Stages of many instructions that are FROM one another: each names one file for all that is below it, and yet what is
# below counts, also behind a RUN that is a hit; commands that explain know all of it.
. "$(dirname "$0")/common.inc"
. "$(dirname "$0")/profiles.inc"
{
  printf 'FROM alpine:latest AS one\nCOPY . /w/\n'
  for i in 1 2 3 4 5 6 7 8; do echo "RUN [\"/bin/cp\", \"/w/fixed\", \"/$i\"]"; done
  printf 'FROM one AS two\nRUN ["/bin/cat", "/w/fixed"]\n'
  printf 'FROM two AS three\nRUN ["/bin/cp", "/w/data", "/out"]\n'
  printf 'FROM alpine:latest\nCOPY --from=three /out /out\n'
  printf 'RUN --mount=type=bind,from=two,source=/w,target=/m ["/bin/cp", "/m/data", "/mounted"]\n'
} >Dockerfile
echo 1 | tee data fixed >/dev/null
build
expect_all ran 11
grep -q 'build $records/three/1-run.json: kasane_step $records/two/chain.json$' .kasane/image.ninja || fail "no chain file"
build
[ ! -s "$t/edges" ] || fail "edges ran:" "$(cat "$t/edges")"
echo 2 >data
build
says hit 9 'RUN \["/bin/(cp", "/w/fixed|cat)'
says ran 2 'RUN .*data'
same_as_clean
gen why three:14 | grep -q 'from COPY . /w/' || fail "why:" "$(gen why three:14)"
gen provenance /out | grep -qx '  data' || fail "provenance:" "$(gen provenance /out)"
gen provenance /mounted | grep -qx '  data' || fail "provenance:" "$(gen provenance /mounted)"
gen verify three:14 | grep -q '^equal' || fail "verify"
sed -i 's/"\/8"\]/"\/9"]/' Dockerfile
build
says ran 1 'RUN .*"/9"'
same_as_clean
