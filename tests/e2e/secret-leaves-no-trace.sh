#!/bin/bash
# A RUN that uses a secret and does not print it: no byte of it is in store, build directory, image or log. The value is
# read when the RUN runs, from ninja's environment or from the file.
. "$(dirname "$0")/common.inc"
file_secret=file$RANDOM$RANDOM$RANDOM
env_secret=env$RANDOM$RANDOM$RANDOM
echo "$file_secret" >"$t/token"
sum() { sha256sum | cut -d' ' -f1; }
cat >Dockerfile <<'D'
FROM alpine:latest
RUN --mount=type=secret,id=token --mount=type=secret,id=key,env=KEY --mount=type=cache,target=/c \
  sha256sum </run/secrets/token >/out; echo "$KEY" | sha256sum >>/out; ls /run/secrets >>/out
D
generate --secret id=token,src="$t/token" --secret id=key,env=MY_KEY
MY_KEY=$env_secret build_only image archive
out=$(in_image out)
equal "$out" "$(echo "$file_secret" | sum)  -
$(echo "$env_secret" | sum)  -
token"
[ ! -e "$t/unpacked/rootfs/run/secrets" ] || fail 'the mount point is in the image'
# What is compressed was unpacked into $t/unpacked and $t/tagged; blobs of the store are searched inflated too.
for value in "$file_secret" "$env_secret"; do
  if grep -rlaF -- "$value" "$KASANE_STORE" "$ctx" "$t/unpacked" "$t/tagged" "$t/ninja.log"; then fail 'found'; fi
  find "$KASANE_STORE" "$ctx" -type f | while read -r f; do
    if gzip -dc <"$f" 2>/dev/null | grep -qaF -- "$value"; then fail "found in $f"; fi
  done
done
# Another value is no reason to run again.
echo other >"$t/token"
build_only image
expect_no_work
# One that is missing is said where it is asked for, when it is needed.
sed -i 's/id=token/id=token,required/' Dockerfile
generate
if ninja image >"$t/ninja.log" 2>&1; then fail 'it ran without its secret'; fi
contains "$t/ninja.log" 'the secret token is required'
contains "$t/ninja.log" 'Dockerfile:2:1: error'
if gen --secret id=a,src=/nowhere 2>"$t/err"; then fail 'took a file that is not there'; fi
contains "$t/err" 'cannot read /nowhere'
