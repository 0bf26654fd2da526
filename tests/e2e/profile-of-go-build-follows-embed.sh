#!/bin/bash
# soundness.md C3: where a source embeds, any name may be one that it embeds.
. "$(dirname "$0")/common.inc"
. "$(dirname "$0")/profiles.inc"
. "$(dirname "$0")/goprofile.inc"
mkdir -p assets/deep lib
echo a >assets/a.txt
echo a >assets/deep/a.txt
printf 'package lib\n' >lib/lib.go
build
edit='a new file where nothing embeds'
echo b >assets/b.txt
go_build_is hit
printf 'package main\n\nimport (\n\t"embed"\n\t"os"\n)\n\n//go:embed assets\nvar files embed.FS\n\nfunc main() { d, _ := files.ReadDir("assets"); for _, e := range d { os.Stdout.WriteString(e.Name()) } }\n' >main.go
go_build_is ran
for name in assets/c.txt assets/deep/c.txt; do
  edit="a new $name"
  echo c >"$name"
  go_build_is ran
  edit="other content of $name"
  echo d >"$name"
  go_build_is ran
done
edit='a file in a directory that is not embedded' # below a source that embeds nothing is narrowed: an ancestor does
echo e >lib/e.txt
go_build_is ran
same_as_clean
