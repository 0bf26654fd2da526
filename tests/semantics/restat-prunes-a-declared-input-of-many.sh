#!/bin/bash
# Records of all steps below stand on each edge: a changed one under an unchanged one is not overlooked.
. "$(dirname "$0")/common.inc"
{ rules; echo 'build copy: update in
build run1: update fixed | copy
build run2: note copy run1'; } >build.ninja
echo 1 >in
echo 1 >fixed
ran 'copy run1 run2'
echo 2 >in
later in
ran 'copy run1 run2'
ran ''
