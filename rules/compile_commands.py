#!/usr/bin/env python3
"""Writes compile_commands.json, for clangd and clang-tidy, from Bazel's actions.

usage: rules/compile_commands.py     from anywhere in the tree
$BAZEL: Bazel's own command with its start-up options, if that is not just `bazel`.
"""

import json
import os
import shlex
import subprocess

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# What only gcc knows.
GCC_ONLY = {"-fno-canonical-system-headers", "-Wno-free-nonheap-object"}
SOURCES = 'mnemonic("CppCompile", //src/... + //generator/...)'


def main():
    bazel = shlex.split(os.environ.get("BAZEL", "bazel"))
    command = [*bazel, "aquery", "--noshow_progress", "--output=jsonproto", SOURCES]
    actions = json.loads(subprocess.run(command, cwd=TOP, check=True, stdout=subprocess.PIPE).stdout)
    commands = {}  # by source: it may be compiled for several targets, one will do
    for action in actions["actions"]:
        arguments = [a for a in action["arguments"] if a not in GCC_ONLY]
        source = arguments[arguments.index("-c") + 1]
        # No header is generated, so that the tree itself serves as the folder: its paths are the ones to be reported.
        commands[source] = {"file": source, "directory": TOP, "arguments": arguments}
    with open(os.path.join(TOP, "compile_commands.json"), "w", encoding="utf-8") as out:
        json.dump([commands[source] for source in sorted(commands)], out, indent=1)


if __name__ == "__main__":
    main()
