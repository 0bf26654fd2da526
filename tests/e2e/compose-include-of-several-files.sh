#!/bin/bash
# compose.yaml: the files of one include are one project, in the first one's directory, with the variables of its env_file;
# what a later file says is put above what an earlier one says.
. "$(dirname "$0")/common.inc"
mkdir inc
cat >inc/a.yaml <<'Y'
services:
  more:
    build:
      dockerfile_inline: |
        FROM scratch
        ARG A=0
        LABEL a=$$A
        COPY f /f
      tags: [more:1]
Y
printf 'services: {more: {build: {args: {A: "$A"}, tags: ["more:$A"]}}}\n' >b.yaml
echo f >inc/f
echo A=2 >a.env
printf 'include: [{path: [inc/a.yaml, b.yaml], env_file: a.env}]\n' >compose.yaml
quietly gen bake
build_only more
names_and_label() { gen images --json | grep -o 'more:[0-9]' | tr '\n' ' ' && gen history more | grep -o 'LABEL a=.'; }
equal "$(names_and_label)" 'more:1 more:2 LABEL a=2'
echo A=3 >a.env # ninja alone notices each of the files
build_only more
equal "$(names_and_label)" 'more:1 more:3 LABEL a=3'
sed -i 's/A: "\$A"/A: "4"/' b.yaml
build_only more
equal "$(names_and_label)" 'more:1 more:3 LABEL a=4'
