#!/bin/bash
. "$(dirname "$0")/common.inc"
small_context
sed -i 's/^RUN .*/RUN echo shown; echo on-stderr >\&2; cat main.txt >\/out.txt/' Dockerfile
build
cat .kasane/logs/* .kasane/logs/*/* 2>/dev/null >"$t/logs" || true
contains "$t/logs" shown
contains "$t/logs" on-stderr
