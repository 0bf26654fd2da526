#!/bin/bash
# A later step that looks where a clean build has go's caches finds them: the RUN that kept them for itself is executed
# again without warm tools, and stays so.
. "$(dirname "$0")/common.inc"
. "$(dirname "$0")/warm.inc"
number=0
steps=(
  'RUN find /root/.cache -type d | wc -l >/out/seen'
  'WORKDIR /root/.cache/mine'
  'COPY go.mod /root/.cache/mine'
  'RUN --network=none go build -trimpath -o /out/seen . && ls /root/.cache/go-build >/dev/null'
)
for step in "${steps[@]}"; do
  go_stage >Dockerfile <<D
RUN go build -trimpath -o /out/app .
$step
FROM alpine:latest
COPY --from=build /out /out
D
  build
  say "$((number += 1))"
  build
  same_as_cold
done
# From another stage: copied, or mounted. A plain RUN that does not look leaves the cache warm.
for copy in 'COPY --from=build /root /r' 'COPY --from=build /roo*/.cach* /r' \
  'RUN --mount=from=build,source=/root,target=/m ls /m/.cache/go-build >/out; test -s /out'; do
  go_stage >Dockerfile <<D
RUN go build -trimpath -o /out/app . && true $((number += 1))
RUN echo plain >/plain
FROM alpine:latest
COPY --from=build /out/app /plain /
D
  build
  say "$((number += 1))"
  build
  ran_warm
  echo "$copy" >>Dockerfile
  build
  contains "$t/ninja.log" 'needs all of its tree'
  [ -n "$(in_image r/.cache/go-build/README 2>/dev/null || in_image r/go-build/README 2>/dev/null || in_image out)" ] ||
    fail 'the cache is not there'
done
