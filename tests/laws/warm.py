#!/usr/bin/env python3
"""Law 1 with warm tools: after each of a random sequence of edits of a Go module, the image of an incremental build that
finds go's caches as the last build left them must be the one of a build without warm tools, byte for byte, under an epoch.

usage: tests/laws/warm.py [--edits N] [--seed S] [--gen PATH]

The module has packages that import one another, files that build tags leave out, an embedded file and a test; edits keep
the size of a file as often as not, and all times are one, so that a cache that goes by size and time would be wrong. The
other build has a directory and a store of its own, and --no-warm: its RUN is executed on an empty cache each time, or found
by what an earlier one read. An edit that breaks the program must break both builds.
"""
import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
FIXTURES = os.environ.get('FIXTURES', '/tmp/kasane-fixtures')

DOCKERFILE = '''FROM golang:latest AS build
ENV CGO_ENABLED=0
WORKDIR /src
COPY . .
RUN go build -trimpath -o /out/app .
RUN %s
FROM alpine:latest
COPY --from=build /out /
'''
SECOND = ['true', 'go build -trimpath -o /out/again ./a', 'ls /src >/out/list', 'test -e /root/.cache && echo y >/out/seen']
TAGS = ['', '//go:build linux\n', '//go:build never\n', '//go:build !other\n', '//go:build ignore\n']
WORDS = ['one', 'two', 'six', 'ten', 'three', 'seven']


class Module:
    """The files of a context, and edits of them."""

    def __init__(self, rng):
        self.rng, self.second = rng, SECOND[0]
        self.words = {p: rng.choice(WORDS) for p in ('main', 'a', 'b')}
        self.imports = {'main': 'a', 'a': None}
        self.extra = {}  # path: (tag, word)
        self.data, self.embeds = 'data', False

    def edit(self):
        r = self.rng
        kind = r.choice(['word', 'word', 'extra', 'extra', 'tag', 'tag', 'import', 'embed', 'data', 'test', 'break',
                         'remove', 'second'])
        if kind == 'word':
            self.words[r.choice(sorted(self.words))] = r.choice(WORDS)
        elif kind == 'extra':
            self.extra['%sx%d.go' % (r.choice(['', 'a/', 'b/']), r.randrange(3))] = (r.choice(TAGS), r.choice(WORDS))
        elif kind == 'tag' and self.extra:
            path = r.choice(sorted(self.extra))
            self.extra[path] = (r.choice(TAGS), self.extra[path][1])
        elif kind == 'import':
            which = r.choice(['main', 'a'])
            self.imports[which] = r.choice(['a', 'b'] if which == 'main' else [None, 'b'])
        elif kind == 'embed':
            self.embeds = not self.embeds
        elif kind == 'data':
            self.data = r.choice(WORDS)
        elif kind == 'test':
            self.extra['a/a_test.go'] = ('', r.choice(WORDS))
        elif kind == 'break':
            self.extra['broken.go'] = ('', 'func')
        elif kind == 'remove' and self.extra:
            del self.extra[r.choice(sorted(self.extra))]
        elif kind == 'second':
            self.second = r.choice(SECOND)
        if kind != 'break':
            self.extra.pop('broken.go', None)
        return kind

    def files(self):
        out = {'Dockerfile': DOCKERFILE % self.second, 'go.mod': 'module m\n\ngo 1.19\n', '.dockerignore': 'Dockerfile\n',
               'a/data.txt': self.data + '\n', 'README.md': self.words['main'] + '\n'}
        main = self.imports['main']
        out['main.go'] = 'package main\n\nimport "m/%s"\n\nfunc main() { println("%s", %s.Say()) }\n' % (
            main, self.words['main'], main)
        say = '"%s"' % self.words['a']
        imports = []
        if self.imports['a']:
            imports.append('"m/b"')
            say += ' + b.Say()'
        text = 'func Say() string { return %s }\n' % say
        if self.embeds:
            imports.append('_ "embed"')
            text = '//go:embed data.txt\nvar data string\n\n' + text.replace(say, say + ' + data')
        out['a/a.go'] = 'package a\n\n%s%s' % (''.join('import %s\n' % i for i in imports), text)
        out['b/b.go'] = 'package b\n\nfunc Say() string { return "%s" }\n' % self.words['b']
        for path, (tag, word) in self.extra.items():
            package = os.path.dirname(path) or 'main'
            body = 'func broken {\n' if word == 'func' else 'func init() { println("%s") }\n' % word
            out[path] = '%s\npackage %s\n\n%s' % (tag, package, body)
        return out


class Build:
    def __init__(self, work, name, gen, seed, options):
        self.ctx, self.gen, self.options = work + '/' + name, gen, options
        store = work + '/store-' + name
        subprocess.run(['cp', '-al', seed, store], check=True)
        if os.path.exists(store + '/lock'):
            os.remove(store + '/lock')
        self.env = dict(os.environ, KASANE_STORE=store, SOURCE_DATE_EPOCH='1700000000',
                        CONTAINERS_REGISTRIES_CONF=FIXTURES + '/registries.conf')
        os.mkdir(self.ctx)
        self.log = ''

    def write(self, files):
        for root, _, names in os.walk(self.ctx):
            if '.kasane' in root:
                continue
            for name in names:
                path = os.path.relpath(os.path.join(root, name), self.ctx)
                if path not in files and path != 'build.ninja':
                    os.remove(os.path.join(root, name))
        for path, text in files.items():
            full = os.path.join(self.ctx, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            if os.path.exists(full) and open(full).read() == text:
                continue
            with open(full, 'w') as f:
                f.write(text)

    def image(self):
        """The manifest's digest; None if the build fails."""
        self.log = ''
        for command in [self.gen] + self.options, ['ninja', 'oci']:
            p = subprocess.run(command, cwd=self.ctx, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT)
            self.log += p.stdout.decode(errors='replace')
            if p.returncode:
                return None
        with open(self.ctx + '/.kasane/out/oci/index.json') as f:
            return f.read()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--edits', type=int, default=20)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--gen', default=os.environ.get('KASANE_GEN', TOP + '/bazel-bin/generator/gen'))
    args = parser.parse_args()
    seed_store = subprocess.check_output([TOP + '/tests/e2e/seed-store'], text=True).strip()
    work = tempfile.mkdtemp(prefix='warm.', dir=FIXTURES)
    failed = warm_runs = images = 0
    module = Module(random.Random(args.seed))
    warm = Build(work, 'warm', args.gen, seed_store, [])
    cold = Build(work, 'cold', args.gen, seed_store, ['--no-warm'])
    try:
        for number in range(args.edits + 1):
            kind = 'first' if number == 0 else module.edit()
            files = module.files()
            results = []
            for build in warm, cold:
                build.write(files)
                results.append(build.image())
            warm_runs += warm.log.count(', warm go-build: ')
            images += results[0] is not None
            if results[0] != results[1]:
                failed += 1
                print('edit %d (%s), seed %d: not the image of a cold build\n--- warm\n%s--- cold\n%s' % (
                    number, kind, args.seed, warm.log, cold.log))
                break
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print('%d edits, %d images, %d RUNs found warm caches' % (number, images, warm_runs))
    print('%d passed, %d failed' % (1 - failed, failed))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
