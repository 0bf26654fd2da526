#!/bin/bash
# RUN --device: variables, nodes and mounts of a device that is described on this machine; it must be allowed; a changed
# description, or a changed file that it mounts, is another RUN; a device that nobody requires may be missing.
. "$(dirname "$0")/common.inc"
mkdir "$t/cdi" "$t/host"
echo one >"$t/host/f"
describe() {
  cat >"$t/cdi/v.yaml" <<C
cdiVersion: "0.6.0"
kind: v.com/thing
devices:
- name: x
  containerEdits:
    env: [THING=$1]
    deviceNodes:
    - path: /dev/things/0
      hostPath: /dev/fuse
      fileMode: 0604
    mounts:
    - hostPath: $t/host
      containerPath: /opt/thing
      options: [ro, nosuid, bind]
C
}
describe 1
cat >Dockerfile <<'D'
FROM alpine
RUN --device=v.com/thing=x,required --device=none (echo $THING; stat -c '%a %t,%T' /dev/things/0; cat /opt/thing/f) >/out && exec 3<>/dev/things/0 && ! touch /opt/thing/new
RUN ! test -e /dev/things && mknod /n c 10 229 && ! (exec 3<>/n) && rm /n
D
if gen --cdi-spec-dir "$t/cdi" >"$t/out" 2>&1; then fail 'not asked whether it is allowed'; fi
contains "$t/out" 'Dockerfile:2:1: error: device v.com/thing=x is not allowed'
build --cdi-spec-dir "$t/cdi" --allow device=v.com/thing
equal "$(in_image out)" "$(printf '1\n604 a,e5\none')"
[ ! -e "$t/unpacked/opt/thing" ] || fail 'its mount point is in the image'
build --cdi-spec-dir "$t/cdi" --allow device=v.com/thing
expect_no_work
describe 2
build --cdi-spec-dir "$t/cdi" --allow device
equal "$(in_image out | head -1)" 2
echo other >"$t/host/f"
build --cdi-spec-dir "$t/cdi" --allow device
equal "$(in_image out | tail -1)" other
if gen >"$t/out" 2>&1; then fail 'built without the device'; fi
contains "$t/out" 'required device "v.com/thing=x" is not registered'
