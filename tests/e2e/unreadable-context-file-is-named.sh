#!/bin/bash
. "$(dirname "$0")/common.inc"
printf 'FROM scratch\nCOPY . /\n' >Dockerfile
mkdir sub
echo s >sub/secret
chmod 000 sub/secret
# Root can read anything, so somebody else generates; the directories above must be open to him.
chmod 755 "$t" "$ctx"
bin=$(dirname "$(readlink -f "$(command -v gen)")")
cp "$bin/gen" "$bin/gen-net" "$t/"
status=0
setpriv --reuid 12345 --clear-groups env HOME="$t" KASANE_STORE="$t/none" "$t/gen" -C "$t/other" >"$t/out" 2>&1 || status=$?
equal "$(cat "$t/out")" 'Dockerfile:2:6: error: cannot read "sub/secret" in the build context: Permission denied
  COPY . /
       ^'
equal "$status" 1
[ ! -e "$t/other" ] || fail 'something was written'
