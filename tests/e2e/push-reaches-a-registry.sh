#!/bin/bash
. "$(dirname "$0")/common.inc"
small_context
name=$REG/e2e/push-$$
generate -t "$name:v1" -t "$name:v2"
build_only push
for tag in v1 v2; do
  equal "$(skopeo inspect --tls-verify=false --format '{{.Digest}}' "docker://$name:$tag")" "$(image_digest)"
done
echo changed >main.txt
build -t "$name:v1"
build_only push
equal "$(skopeo inspect --tls-verify=false --format '{{.Digest}}' "docker://$name:v1")" "$(image_digest)"
