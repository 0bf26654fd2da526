#!/bin/bash
# gen watch: what COPY reads starts a round, what the ignore file leaves out does not; a new directory is watched; a broken
# Dockerfile leaves the container alone; the container is another one after each image.
. "$(dirname "$0")/common.inc"
small_context
sed -i 's/^ENTRYPOINT.*/ENTRYPOINT ["sh", "-c", "trap exit TERM; cat out.txt; sleep 1000 \& wait"]/; s/lib.*txt >/$(find lib -name "*.txt" | sort) >/' Dockerfile
mkfifo "$t/out"
gen watch --run --network=none >"$t/out" 2>&1 &
watch=$!
trap 'kill "$watch" 2>/dev/null || true; cleanup' EXIT
exec 7<"$t/out"
until_line() {
  local line
  while read -r -t 30 line <&7; do
    echo "$line" >>"$t/seen"
    if [[ $line =~ $1 ]]; then return; fi
  done
  fail "no line '$1' in:" "$(cat "$t/seen")"
}
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
