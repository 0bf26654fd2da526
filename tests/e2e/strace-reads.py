#!/usr/bin/env python3
"""Compares what strace saw of a RUN with the RUN's trace: whatever was read below "/" and not made by the RUN must be
covered. Prints what is not; exit status 1 then.

usage: strace-reads.py STRACE-LOG READS-JSON LINKS      LINKS: "PATH<TAB>TARGET" for each symlink below the RUN
The log is of strace -f -y -e trace=%file,%process,getdents64,fchdir,statx; without abbreviations.
"""
import json
import posixpath
import re
import sys

# A name in quotes, an at-call's directory in front of it.
CALL = re.compile(r'^(\d+) +(\w+)\((.*?)\) += (-?\d+)(?:<(.*?)>)?(?: ([A-Z0-9]+))?')
NAME = re.compile(r'(?:(AT_FDCWD|\d+)<((?:[^>\\]|\\.)*)>, )?"((?:[^"\\]|\\.)*)"')
FOREIGN = ('/proc', '/sys', '/dev', '/etc/hosts', '/etc/resolv.conf', '/etc/hostname')
MAKING = {'mkdir', 'mkdirat', 'mknod', 'mknodat', 'symlink', 'symlinkat', 'link', 'linkat', 'rename', 'renameat', 'renameat2'}
LOOKING = {'stat', 'lstat', 'newfstatat', 'statx', 'access', 'faccessat', 'faccessat2'}


class Run:
    def __init__(self, reads, links):
        self.facts = {}
        for read in reads:
            self.facts.setdefault(read['path'], set()).update(read['facts'])
        self.links, self.made, self.cwd, self.missing, self.checked = links, set(), {}, set(), 0

    def resolve(self, path, last):
        """The path without links, and the links on the way."""
        seen, todo = '/', [p for p in path.split('/') if p]
        for _ in range(400):
            if not todo:
                break
            part = todo.pop(0)
            if part == '..':
                seen = posixpath.dirname(seen)
            elif part != '.':
                seen = posixpath.join(seen, part)
                if seen in self.links and seen not in self.made and (todo or last):
                    self.need(seen, {'link target'})
                    target = self.links[seen]
                    todo = [p for p in target.split('/') if p] + todo
                    seen = '/' if target.startswith('/') else posixpath.dirname(seen)
        return seen

    def own(self, path):
        return any(path == p or path.startswith(p + '/') for p in self.made) or any(
            path == p or path.startswith(p + '/') for p in FOREIGN)

    def absent(self, path):
        """Its absence, or that of a directory on the way."""
        while path != '/':
            if 'absence' in self.facts.get(path, ()):
                return True
            above = posixpath.dirname(path)
            known = self.facts.get(above, set())
            if 'listing' in known:  # an empty directory for temporaries, or one that was listed
                return True
            path = above
        return False

    def need(self, path, any_of):
        if path == '/' or self.own(path):
            return
        self.checked += 1
        if not self.facts.get(path, set()) & any_of:
            self.missing.add('%s: %s' % (path, ' or '.join(sorted(any_of))))

    def call(self, line):
        match = CALL.match(line)
        if not match:
            return
        pid, call, words, result, _, error = match.groups()
        result, pid = int(result), int(pid)
        cwd = self.cwd.get(pid, '/w')
        if call in ('clone', 'clone3', 'fork', 'vfork'):
            if result > 0:
                self.cwd.setdefault(result, cwd)
            return
        if call == 'getdents64':
            directory = re.match(r'\d+<((?:[^>\\]|\\.)*)>', words)
            if directory and result > 0:
                self.need(directory.group(1), {'listing', 'listing (narrowed)'})
            return
        names = NAME.findall(words)
        if not names:
            return
        kind, directory, name = names[0]
        name = re.sub(r'\\(.)', r'\1', name)
        if not name:
            return
        absolute = posixpath.join(directory if kind else cwd, name)
        flags = words
        last = not (call in ('lstat', 'readlink', 'readlinkat', 'unlink', 'unlinkat', 'rmdir') + tuple(MAKING)
                    or 'NOFOLLOW' in flags)
        path = self.resolve(absolute, last)
        if call == 'chdir' and result == 0:
            self.cwd[pid] = path
        if error in ('ENOENT', 'ENOTDIR'):
            if not self.own(path) and path != '/':
                self.checked += 1
                if not self.absent(path) and not (error == 'ENOTDIR' and self.facts):
                    self.missing.add(path + ': absence')
        elif result < 0:
            return
        elif call in ('open', 'openat', 'openat2'):
            if 'O_CREAT' in flags and 'existence' not in self.facts.get(path, ()):
                self.made.add(path)
            elif 'O_PATH' in flags or 'O_DIRECTORY' in flags:
                self.need(path, {'existence', 'mode and owner'})
            elif 'O_WRONLY' not in flags and 'O_TRUNC' not in flags:
                self.need(path, {'content', 'Go header', 'mode and owner' if path in self.directories() else 'content'})
        elif call in LOOKING:
            self.need(path, {'mode and owner'})
        elif call == 'execve':
            self.need(path, {'content'})
        elif call.startswith('readlink'):
            self.need(path, {'link target'})
        elif call in MAKING:
            target = names[-1]
            made = posixpath.join(target[1] if target[0] else cwd, target[2])
            self.made.add(self.resolve(made, False))

    def directories(self):
        if not hasattr(self, '_directories'):
            self._directories = {posixpath.dirname(p) for p in self.facts} | {
                p for p, f in self.facts.items() if 'size' not in f and 'content' not in f}
        return self._directories


def main():
    log, reads, links = sys.argv[1:]
    with open(reads) as f:
        reads = json.load(f)['reads']
    with open(links, errors='surrogateescape') as f:
        links = dict(line.rstrip('\n').split('\t') for line in f)
    run = Run(reads, links)
    pending = {}
    with open(log, errors='surrogateescape') as f:
        for line in f:
            pid = line.split(' ', 1)[0]
            if line.rstrip().endswith('<unfinished ...>'):
                pending[pid] = line.rstrip()[:-len('<unfinished ...>')].rstrip()
                continue
            resumed = re.match(r'^\d+ +<\.\.\. \w+ resumed>(.*)', line)
            if resumed and pid in pending:
                line = pending.pop(pid) + resumed.group(1)
            run.call(line)
    print('%d questions, %d not covered' % (run.checked, len(run.missing)))
    print('\n'.join(sorted(run.missing)[:40]))
    return 1 if run.missing or not run.checked else 0


if __name__ == '__main__':
    sys.exit(main())
