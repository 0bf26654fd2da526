#!/bin/bash
# gen load: the image, as a tar, to the standard input of docker, podman or ctr; gen push: under its own name or another.
. "$(dirname "$0")/common.inc"
small_context
build -t "$REG/e2e/hand-$$:1"
mkdir "$t/bin"
real=$(command -v podman) || skip 'needs podman'
cat >"$t/bin/podman" <<P
#!/bin/sh
exec $real --root "$t/podman" --runroot "$t/podman-run" --tmpdir "$t/podman-tmp" --storage-driver overlay "\$@"
P
printf '#!/bin/sh\necho "$@" >"%s"\ntar -tf - >>"%s"\n' "$t/ctr" "$t/ctr" >"$t/bin/ctr"
chmod +x "$t/bin/podman" "$t/bin/ctr"
PATH=$t/bin:$PATH
quietly gen load podman
equal "$(test_podman images --format '{{.Repository}}:{{.Tag}}')" "$REG/e2e/hand-$$:1"
gen load containerd "$REG/e2e/hand-$$:1"
equal "$(head -1 "$t/ctr")" 'images import -'
contains "$t/ctr" oci-layout
code=0
PATH=$(dirname "$KASANE_GEN") gen load containerd 2>"$t/err" || code=$?
equal "$code" 1
contains "$t/err" 'containerd is not installed here: cannot run ctr: No such file or directory'
gen push >"$t/out"
contains "$t/out" "pushed $REG/e2e/hand-$$:1@$(image_digest)"
gen push "$REG/e2e/hand-$$:1" "$REG/e2e/hand-$$:2"
for tag in 1 2; do
  equal "$(skopeo inspect --tls-verify=false --format '{{.Digest}}' "docker://$REG/e2e/hand-$$:$tag")" "$(image_digest)"
done
! gen push nosuch 2>"$t/err" || fail 'what is not there was pushed'
contains "$t/err" 'no build of this store has made an image nosuch'
