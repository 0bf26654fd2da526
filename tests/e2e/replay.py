#!/usr/bin/env python3
"""Builds a target from the JSON of `gen graph` without ninja: everything runs, in order, one edge after another.
usage: replay.py GRAPH.json [TARGET]     in the build directory"""
import json
import os
import subprocess
import sys

graph = json.load(open(sys.argv[1]))
edges = {e['id']: e for e in graph['edges']}
wanted, todo = set(), list(graph['targets'][sys.argv[2] if len(sys.argv) > 2 else graph['default']])
while todo:
    edge = todo.pop()
    if edge not in wanted:
        wanted.add(edge)
        todo += edges[edge]['deps']
for edge in sorted(wanted):  # an edge reads only what smaller ids write
    e = edges[edge]
    for path in e['inputs'] + e['files']:
        if not os.path.lexists(path):
            sys.exit('edge %d, %s: no input %s' % (edge, e['title'], path))
    for path in e['outputs']:
        os.makedirs(os.path.dirname(path) or '.', exist_ok=True)
    if subprocess.run(e['command']).returncode:
        sys.exit('edge %d failed: %s' % (edge, e['title']))
    for path in e['outputs']:
        if not os.path.exists(path):
            sys.exit('edge %d, %s: left no %s' % (edge, e['title'], path))
print('%d edges' % len(wanted))
