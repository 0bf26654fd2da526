#!/bin/bash
# gen graph --html: in a browser the page shows each step; a RUN that is chosen, why it ran and what it read.
. "$(dirname "$0")/common.inc"
command -v chromium >/dev/null || skip 'no chromium'
dom() { # [#NODE]
  gen graph --html >"$t/page.html"
  HOME=$t timeout 100 chromium --headless --no-sandbox --disable-gpu --user-data-dir="$t/chromium" --dump-dom \
    "file://$t/page.html${1:-}" >"$t/dom" 2>"$t/chromium.log" || fail "$(tail -5 "$t/chromium.log")"
}
small_context
build
dom
contains "$t/dom" 'first time'
equal "$(grep -c '<g class="node' "$t/dom")" $(($(gen graph --json | grep -c '"spec": {') - 1)) # all but push
echo more >>main.txt
build_only
gen graph --html >"$t/page.html"
node=$(sed -n 's/.*<g class="node run ran" id="\(n[0-9]*\)".*/\1/p' "$t/page.html")
dom "#$node"
contains "$t/dom" '<p id="why">ran: content of /src/main.txt</p>'
contains "$t/dom" 'read by sh'
contains "$t/dom" '<li>lib/one.txt</li>'
grep -q README.md "$t/dom" && fail 'nobody reads README.md'
gen graph --svg >"$t/page.svg"
python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "$t/page.svg"
gen graph >"$t/out" 2>&1 && fail 'no format was given'
contains "$t/out" '--html'
