#!/bin/bash
. "$(dirname "$0")/common.inc"
small_context
quietly git init -q -b main .
printf '.git\n.gitignore\n' >>.dockerignore
printf '.kasane\nbuild.ninja\n' >.gitignore
commit() { quietly git -c user.name=t -c user.email=t@example.org commit -q -a -m "$1"; }
git add .
commit one
build
main=$(image_digest)
quietly git checkout -q -b other
echo other >main.txt
commit two
build
quietly git checkout -q main
generate
equal "$(sandboxes ninja image)" 0
equal "$(image_digest)" "$main"
quietly git checkout -q other
generate
equal "$(sandboxes ninja image)" 0
equal "$(in_image app/out.txt)" $'other\none\ntwo'
