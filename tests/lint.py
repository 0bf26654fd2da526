#!/usr/bin/env python3
"""Looks over the C++ sources with clang-format (does it agree?) and clang-tidy (.clang-tidy says what is checked).

usage: tests/lint.py [--since COMMIT] [PATH..]
  PATH: a source or a folder; src and generator if none is named
  --since COMMIT: only what differs from that commit, new files included
A source that was clean is not looked at again before it, a header of the tree that it includes, or .clang-tidy changes:
~/.cache/kasane-lint holds one empty file for each, named by a digest of all those. A header is looked at with the
sources that include it; with --since, with its own source or else the first one. Changed BUILD files are not noticed:
remove compile_commands.json after editing flags. Exits with 1 if there is something to be said.
"""

import argparse
import concurrent.futures
import functools
import hashlib
import json
import os
import re
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache")), "kasane-lint")
JOBS = 2  # clang-tidy takes some 300 MB each


def lines_of(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()


def changed_since(commit):
    return lines_of("git", "diff", "--name-only", "--diff-filter=d", commit) + lines_of(
        "git", "ls-files", "--others", "--exclude-standard")


@functools.lru_cache(maxsize=None)
def includes(path):
    """The tree's own headers that `path` includes itself."""
    with open(path, encoding="utf-8") as source:
        found = re.findall(r'^#include "((?:src|generator)/[^"]+)"', source.read(), re.MULTILINE)
    return [header for header in found if os.path.exists(header)]


def all_includes(path):
    """`path` and the tree's own headers that it includes, directly or not."""
    seen, todo = {path}, [path]
    while todo:
        new = set(includes(todo.pop())) - seen
        seen |= new
        todo += new
    return seen


def stamp(source, version):
    digest = hashlib.sha256(version)
    for path in sorted(all_includes(source)) + [".clang-tidy"]:
        with open(path, "rb") as content:
            digest.update(path.encode() + b"\0" + hashlib.sha256(content.read()).digest())
    return os.path.join(CACHE, digest.hexdigest())


def sources_for(headers, sources):
    for header in headers:
        own = header[:-len("h")] + "cc"
        users = [own] if own in sources else [s for s in sources if header in includes(s)]
        yield from users[:1]


def tidy(source, version):
    """What clang-tidy says of one source, or nothing."""
    passed = stamp(source, version)
    if os.path.exists(passed):
        return ""
    run = subprocess.run(
        ["clang-tidy", "-p", TOP, "--quiet", "--extra-arg=-Wno-unknown-warning-option", source],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if run.returncode == 0:
        with open(passed, "w", encoding="utf-8"):
            return ""
    return run.stdout or run.stderr


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--since")
    parser.add_argument("paths", nargs="*")
    options = parser.parse_args()
    paths = [os.path.relpath(os.path.abspath(path), TOP) for path in options.paths] or ["src", "generator"]
    os.chdir(TOP)
    os.makedirs(CACHE, exist_ok=True)

    def wanted(path):
        return path.endswith((".cc", ".h")) and any(path == p or path.startswith(p + "/") for p in paths)

    known = lines_of("git", "ls-files", "--cached", "--others", "--exclude-standard", "--", "src", "generator")
    known = [path for path in known if os.path.exists(path)]
    files = sorted(filter(wanted, changed_since(options.since) if options.since else known))
    bad = subprocess.run(["clang-format", "--dry-run", "-Werror", *files], check=False).returncode if files else 0

    all_sources = sorted(path for path in known if path.endswith(".cc"))
    sources = {path for path in files if path.endswith(".cc")}
    sources.update(sources_for([path for path in files if path.endswith(".h")], all_sources))
    if sources:
        commands = "compile_commands.json"
        if not os.path.exists(commands) or not sources <= {c["file"] for c in json.load(open(commands))}:
            subprocess.run(["rules/compile_commands.py"], check=True)
    version = "\n".join(lines_of("clang-tidy", "--version")).encode()
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        for said in pool.map(lambda source: tidy(source, version), sorted(sources)):
            if said:
                bad = 1
                print(said, flush=True)
    print(f"lint: {len(files)} files, {'see above' if bad else 'clean'}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
