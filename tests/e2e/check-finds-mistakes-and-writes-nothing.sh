#!/bin/bash
# gen check prints what it finds, as text, JSON or SARIF, exits with 1 if there is anything, and writes nothing;
# gen warns of the same and goes on, unless the file asks for errors.
. "$(dirname "$0")/common.inc"
printf 'FROM alpine:latest AS app\nCMD ["sh"]\n' >Dockerfile
equal "$(gen check)" "Dockerfile: no warnings"
equal "$(gen --check)" "Dockerfile: no warnings"
printf 'FROM alpine:latest as app\nCMD ["sh"]\n' >Dockerfile
warning='Dockerfile:1:20: warning: "as" is not in the case of its "FROM" [FromAsCasing]
  FROM alpine:latest as app
                     ^~
  help: write AS'
status=0
gen check >"$t/out" || status=$?
equal "$status" 1
equal "$(cat "$t/out")" "$warning
Dockerfile: 1 warning"
equal "$(gen check --format=json | python3 -c 'import json, sys; print(json.load(sys.stdin)["warnings"][0]["ruleName"])')" FromAsCasing
equal "$(gen --call=check,format=sarif | python3 -c 'import json, sys; print(json.load(sys.stdin)["runs"][0]["results"][0]["ruleId"])')" FromAsCasing
equal "$(gen --call=targets)" "TARGET        DESCRIPTION
app (default) "
equal "$(ls -A)" Dockerfile
equal "$(gen 2>&1)" "$warning"
rm -rf .kasane build.ninja
sed -i '1i # check=error=true' Dockerfile
status=0
gen >"$t/out" 2>&1 || status=$?
equal "$status" 1
equal "$(grep error: "$t/out")" 'Dockerfile:1:9: error: not built, for it breaks FromAsCasing'
equal "$(ls -A)" Dockerfile
