#!/bin/bash
# soundness.md C, against the real go: which names beside the sources make `go build` run again, and which do not.
. "$(dirname "$0")/common.inc"
. "$(dirname "$0")/profiles.inc"
. "$(dirname "$0")/goprofile.inc"
mkdir -p docs sub testdata _off
printf 'package main\n\nimport "testing"\n\nfunc TestA(t *testing.T) {}\n' >main_test.go
printf '//go:build ignore\n\npackage main\n' >ignored.go
build

edit='names that are no sources'
for name in README.md notes.txt Makefile .hidden.go _off.go main.GO x.gox go.txt .env other docs/a.txt docs/.x.go docs/_b.go \
  testdata/x.go _off/x.go; do
  echo '%%% no source' >"$name"
done
go_build_is hit
edit='other content of them'
for name in README.md docs/a.txt testdata/x.go _off.go .hidden.go; do echo more >>"$name"; done
go_build_is hit
edit='other times'
other_times main.go go.mod README.md main_test.go
go_build_is hit
edit='the body of a test' # soundness.md B3
echo '%%% no Go at all' >>main_test.go
go_build_is hit
same_as_clean

# Names of sources, whether their build tags let them in or not; directories that "..." enters; links; modules.
edit='the imports of a test'
sed -i 's/"testing"/"testing"; import "os"/' main_test.go
go_build_is ran
edit='the tag of an ignored file' # A1: go does not compile it
sed -i 's/ignore/ignore \&\& linux/' ignored.go
go_build_is ran
edit='main.go'
sed -i s/one/two/ main.go
go_build_is ran
for new in x_windows.go sub/x_test.go a-directory/ link; do
  edit="a new $new"
  case $new in
    */) mkdir "$new" && touch "$new/x" ;;
    link) ln -s docs link ;;
    *) printf 'package main\n' >"$new" ;;
  esac
  go_build_is ran
done
edit='a nested module'
echo 'module n' >docs/go.mod
go_build_is ran
[ "$(in_image out/m | grep -c two)" != 0 ] || fail "the program is the old one"
same_as_clean
