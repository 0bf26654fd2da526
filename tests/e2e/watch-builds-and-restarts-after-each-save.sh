#!/bin/bash
# gen watch: what COPY reads starts a round, what the ignore file leaves out does not; a new directory is watched; a broken
# Dockerfile leaves the container alone; the container is another one after each image.
. "$(dirname "$0")/common.inc"
. "$(dirname "$0")/watch.inc"
small_context
sed -i 's/^ENTRYPOINT.*/ENTRYPOINT ["sh", "-c", "trap exit TERM; cat out.txt; sleep 1000 \& wait"]/; s/lib.*txt >/$(find lib -name "*.txt" | sort) >/' Dockerfile
start_watch --run --network=none
until_line 'first build: .* started'
until_line '^two$'
echo ignored >NEWS.md
echo changed >lib/two.txt
until_line 'lib/two.txt: [0-9]+ ran \(RUN cat .* s\).* restarted'
until_line '^changed$'
mkdir -p lib/new/deep
until_line 'lib/new[:,]'
echo three >lib/new/deep/three.txt
until_line 'three.txt: .* restarted'
until_line '^three$'
cp Dockerfile "$t/good"
echo NOSUCH >>Dockerfile
until_line 'error: unknown instruction'
until_line 'Dockerfile: gen failed'
equal "$(gen ps | wc -l)" 2
cp "$t/good" Dockerfile
until_line 'Dockerfile: .*still image'
! grep -q NEWS "$t/seen" || fail 'an ignored file started a round'
kill -TERM "$watch"
code=0
wait "$watch" || code=$?
equal "$code" 143
equal "$(gen ps -a | wc -l)" 1
nothing_left_behind
