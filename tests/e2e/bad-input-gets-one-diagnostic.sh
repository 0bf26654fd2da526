#!/bin/bash
# Each mistake gets one diagnostic, to the letter, and leaves nothing behind.
. "$(dirname "$0")/common.inc"
# refused STATUS [OPTIONS...]: gen fails so with the text on standard input, and writes nothing.
refused() {
  local want=$1 status=0 before
  shift
  before=$(ls -A)
  gen "$@" >"$t/out" 2>&1 || status=$?
  equal "$(cat "$t/out")" "$(cat)"
  equal "$status" "$want"
  equal "$(ls -A)" "$before"
}
refused 1 <<'X'
error: Dockerfile does not exist
  help: name the Dockerfile with -f, or the context directory as the argument
X
printf 'FROM alpine:latest\nRUM true\n' >Dockerfile
refused 1 <<'X'
Dockerfile:2:1: error: unknown instruction: RUM
  RUM true
  ^~~
  help: did you mean RUN?
X
touch main.go
printf 'FROM alpine:latest\nCOPY  man.go /\n' >Dockerfile
refused 1 <<'X'
Dockerfile:2:7: error: "man.go" not found in the build context
  COPY  man.go /
        ^~~~~~
  help: did you mean "main.go"?
X
printf 'FROM alpine:latest\nFROM scratch\nCOPY --from=biuld /x /\n' >Dockerfile
refused 1 <<'X'
Dockerfile:3:6: error: docker.io/library/biuld:latest: not found
  COPY --from=biuld /x /
       ^~~~~~~~~~~~
  help: no stage has this name, so it was looked up as an image
X
printf 'FROM 127.0.0.1:1/nosuch:latest\n' >Dockerfile
refused 1 <<'X'
Dockerfile:1:6: error: 127.0.0.1:1/nosuch:latest: cannot reach 127.0.0.1:1: connection refused
  FROM 127.0.0.1:1/nosuch:latest
       ^~~~~~~~~~~~~~~~~~~~~~~~~
X
zeros=$(printf '0%.0s' $(seq 64)) tildes=$(printf '~%.0s' $(seq 77))
printf 'FROM alpine@sha256:%s\n' "$zeros" >Dockerfile
refused 1 <<X
Dockerfile:1:6: error: docker.io/library/alpine@sha256:$zeros: not found
  FROM alpine@sha256:$zeros
       ^$tildes
X
printf 'FROM alpine:latest\nADD --checksum=sha256:0 Dockerfile /\n' >Dockerfile
refused 1 <<'X'
Dockerfile:2:5: error: --checksum is for URLs and repositories of git
  ADD --checksum=sha256:0 Dockerfile /
      ^~~~~~~~~~~~~~~~~~~
X
refused 1 --build-arg =x <<'X'
error: --build-arg: invalid build argument "=x": it has no name
  help: use --build-arg NAME=VALUE
X
refused 2 --bild-arg x=1 <<'X'
error: unknown option --bild-arg
  help: did you mean --build-arg?
X
