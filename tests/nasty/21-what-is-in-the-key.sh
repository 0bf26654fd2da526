#!/bin/bash
# Variables, user, directory, shell: another key. What the RUN cannot learn of: the same.
. "$(dirname "$0")/nasty.inc"
under_epoch
base() {
  cat <<'D'
FROM alpine:latest
# a comment
ARG unused=1
ENV V=1
ARG A=1
USER 0
WORKDIR /tmp
SHELL ["/bin/sh", "-c"]
RUN echo hello
D
}
# A file is written where any user may, so that there is a layer.
base >Dockerfile
echo 'RUN env | sort >/tmp/env; id >>/tmp/env; pwd >>/tmp/env; umask >>/tmp/env' >>Dockerfile
cp Dockerfile base
printf 'Dockerfile\n.dockerignore\nbase\n' >.dockerignore
expect ran ran
try() { # EXPECTED SED-SCRIPT: from the same start each time
  sed "$2" base >Dockerfile
  build
  local said
  said=$(outcomes)
  [ "$said" = "$1" ] || fail "$2: expected '$1', but it was '$said'" "$(cat "$t/ninja.log")"
}
try '' 's/a comment/another comment/'
try '' 's/^RUN echo hello/RUN     echo hello/'
try 'ran ran' 's/V=1/V=2/'
clean_is_equal
try 'ran ran' 's/^ARG A=1/ARG A=2/'
clean_is_equal
try 'ran ran' 's/^USER 0/USER nobody/'
clean_is_equal
try 'ran ran' 's/^ENV V=1/ENV V=1 LC_ALL=C/'
try 'ran ran' 's/"-c"/"-e", "-c"/'
try 'hit ran' 's/^WORKDIR .tmp/&/; s/umask >>/umask 022; umask >>/'
clean_is_equal
# An argument of another stage, or after the RUN, is out of scope.
try hit '$a ARG LATE=1' # a history entry more; the RUN before it has the same key
clean_is_equal
# Ordinary users may not look into each other's directories: the walk depends on who walks.
try 'ran ran' 's/^USER 0/USER 7:8/'
clean_is_equal
