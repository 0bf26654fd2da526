#!/bin/bash
# What a stat means can be set for a project: by --stat-level for all tools, by kasane-profiles.toml for one.
. "$(dirname "$0")/common.inc"
. "$(dirname "$0")/profiles.inc"
cat >Dockerfile <<'D'
FROM alpine:latest
WORKDIR /w
COPY . .
RUN ["/bin/cp", "data", "/1"]
RUN ["/bin/stat", "-c", "%s", "data"]
D
echo one >data
build
other_times data
build
says hit 1 'RUN \["/bin/cp'
build --stat-level=3
other_times data
build_only # the level is remembered
says ran 2 'RUN \["/bin/(cp|stat)'
same_as_clean
# The project knows of a tool that we do not know, and takes one away.
cat >kasane-profiles.toml <<'T'
[[profile]]
name = "busybox-stat"
program.strings = ["BusyBox v1.*"]
program.multicall = "busybox"
program.applets = ["stat"]
stat.meaning = "size"
[[profile]]
name = "busybox-cp"
strict = true
T
build
other_times data
build
says hit 1 'RUN \["/bin/stat'
says ran 1 'RUN \["/bin/cp'
same_as_clean
sed -i 's/meaning/meanings/' kasane-profiles.toml
if ninja image >"$t/out" 2>&1; then fail 'a wrong profile was taken'; fi
contains "$t/out" 'kasane-profiles.toml:6:6: error: unknown key `meanings`'
