#!/usr/bin/env python3
"""Law 1: incremental equals clean. Random contexts, Dockerfiles and edits; after each edit an incremental build
(`gen && ninja oci`, one store and one build directory all along) must give the image that a clean build of the same files
gives (a new directory, a new store that holds the base image alone).

usage: tests/laws/fuzz.py [--edits N] [--seed S] [--jobs N] [--gen PATH] [--progress FILE]
       tests/laws/fuzz.py --replay FILE

FILE of --progress holds the seed and what has been counted so far; the next run with it goes on where that one was ended,
and with its seed.

Needless reruns are told by class: RUNs that ran after an edit of the context although their record came out as it was, by
the first thing that differed and by the program that had asked for it.

Under an epoch (every second scenario) "equal" is the manifest's digest, byte for byte; without, it is tree, config and
history, without times. RUNs whose output two clean builds disagree about are not generated: the time of day, random
numbers, the listing order of a directory, without an epoch the mtimes of files.
A build that fails must fail both ways.

A scenario is plain data: files, Dockerfile lines and edits, all made from (seed, number). One that fails is shrunk by
leaving parts out as long as it still fails, and written to a file for --replay.
"""
import argparse
import concurrent.futures
import io
import json
import os
import random
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(TOP, 'tests', 'fixtures'))
import ocidiff  # noqa: E402

FIXTURES = os.environ.get('FIXTURES', '/tmp/kasane-fixtures')
EDITS_PER_SCENARIO = 12
DOCKERFILE_EDITS = ('insert', 'drop', 'swap', 'undo')

# --- scenarios

NAMES = ['a', 'b', 'c.txt', 'd.md', 'e e', 'f$f', 'g:g', 'é', '.h', '-i', 'j#']
DIRS = ['', 'x', 'y', 'x/z', 'w w']
TEXTS = ['', 'one', 'two', 'a', 'aa', 'line\nline\n', 'x' * 5000]


class Maker:
    """Makes a scenario. Knows only roughly what exists: edits and RUNs bear missing files."""

    def __init__(self, rng, epoch, features):
        self.rng, self.epoch, self.features, self.counter, self.written = rng, epoch, features, 0, ['always']

    def path(self):
        return os.path.join(self.rng.choice(DIRS), self.rng.choice(NAMES))

    def link(self):
        """A symlink, mostly to what has been written at some time: one that leads nowhere fails where it is copied by name."""
        r, p = self.rng, self.path()
        if r.random() < 0.12:
            return ['symlink', p, r.choice(['nowhere', '/etc/passwd', '../b', 'x', '.'])]
        return ['symlink', p, os.path.relpath(r.choice(self.written + ['always'] * 3), os.path.dirname(p) or '.')]

    def write(self):
        p = self.path()
        self.written.append(p)
        return ['write', p, self.text()]

    def text(self):
        self.counter += 1
        return self.rng.choice(TEXTS + ['text %d\n' % self.counter] * 4)

    def files(self):
        ops = [self.write() for _ in range(self.rng.randint(3, 12))]
        ops += [self.link() for _ in range(self.rng.randint(0, 2))]
        for _ in range(self.rng.randint(0, 2)):
            ops.append(['chmod', self.path(), self.rng.choice([0o644, 0o600, 0o755, 0o444, 0o4755])])
        ops.append(self.archive())
        return ops + [['write', 'always', 'always'], ['ignore', self.ignore()]]

    def archive(self):
        """A tar, compressed or not, of members that replace, link and lead out."""
        r = self.rng
        members = [['a', 'file', self.text(), 0o644]]
        for _ in range(r.randint(0, 6)):
            name = r.choice(['a', 'b', 'x/a', 'x', 'l', 'l/a', '../up', '/abs', 'h', 'deep/er/f', '.'])
            kind = 'symlink' if name == 'l' else r.choice(['file'] * 4 + ['dir', 'symlink', 'link'])  # else l/a has no place
            target = {'symlink': r.choice(['x', '/etc', 'a', 'deep']), 'link': 'a'}.get(kind, self.text())
            members.append([name, kind, target, r.choice([0o644, 0o755, 0o600, 0o4711])])
        return ['archive', r.choice(['t.tar', 't.tgz', 'x/t.tar.xz']), r.choice(['w', 'w:gz', 'w:bz2', 'w:xz']), members]

    def flags(self, copy):
        r = self.rng
        if r.random() < 0.6:
            return ''
        known = ['--link', '--chmod=640', '--chmod=u+x,go=r', '--chown=1:2', '--chown=7', '--exclude=*.md', '--exclude=x/a',
                 '--exclude=**/*.txt'] + (['--parents'] if copy else ['--unpack=false', '--unpack'])
        return ' '.join(sorted(set(r.choice(known) for _ in range(r.randint(1, 2))))).replace(
            '--chmod=640 --chmod=u+x,go=r', '--chmod=640').replace('--chown=1:2 --chown=7', '--chown=7').replace(
                '--unpack --unpack=false', '--unpack') + ' '

    def ignore(self):
        patterns = ['Dockerfile', '.dockerignore', '*.md', '**/a', 'x', '!x/z', '!x/a', 'y/*', '**/*.txt', 'w w', '# c']
        return [p for p in patterns if self.rng.random() < 0.3]

    def run(self):
        r = self.rng
        out = r.choice(['o1', 'o2', 'sub/o3', '/o4'])
        commands = [
            # Not straight into a file that is read (it would grow for ever), and no fifo (nobody writes to it).
            'for f in *; do [ -f "$f" ] && cat "$f"; done 2>/dev/null >/dev/shm/l; mv /dev/shm/l %s' % out,
            # Not straight into a file below: whether find sees it is a race between the parts of a pipe.
            'find . -xdev -type f | sort | xargs -d "\\n" cat 2>/dev/null | md5sum >/dev/shm/l; mv /dev/shm/l %s' % out,
            'find . -xdev | sort >/dev/shm/l; mv /dev/shm/l %s' % out,
            'cp -r x %s.d' % out,
            'cp -a x/. %s.a' % out,
            'mv a %s' % out,
            'mv x/z moved',
            'rm -rf x',
            'rm -rf y && mkdir y && echo new >y/new',
            'rm -f a b c.txt',
            'mkdir -p deep/er && echo d >deep/er/d',
            'ln -s a link; readlink * >%s' % out,
            'ln a hard',
            'ln o1 hard2; ln hard2 hard3',
            'chmod 700 a; chmod -R go-r x; stat -c "%%n %%a" * >%s' % out,
            'chown 1:2 b; chown -h 3:4 link; stat -c "%%n %%u %%g" * >%s' % out,
            'sed -i s/e/E/ *.txt',
            'echo more >>a',
            'for f in *; do [ -f "$f" ] && wc -c "$f"; done 2>/dev/null >/dev/shm/l; mv /dev/shm/l %s' % out,
            'id >%s; env | sort >>%s; pwd >>%s' % (out, out, out),
            'touch empty; [ -s a ] || echo a is empty >%s' % out,
            'echo $V $ARG >%s' % out,
            'cat always >%s; rm %s' % (out, out),
            'mknod fifo p; rmdir deep 2>/dev/null; [ -e b ] && echo b >%s' % out,
            '[ -d x ] && test -x a && echo x >%s' % out,
            'setfattr -n user.k -v v a 2>/dev/null; tar cf - x 2>/dev/null | wc -c >/dev/null',
            'rm -rf /o4 /etc/os-release',
            '(cd /; for d in */; do echo $d; done) >%s' % out,  # a find after it must not see /proc
            # Each asks something else of the tree below.
            # Of files alone: grep -r would wait for a FIFO, or for /dev.
            'find . -xdev -type f | xargs -r grep -l one 2>/dev/null | sort >/dev/shm/l; mv /dev/shm/l %s' % out,
            'ls -a x y . 2>/dev/null | wc -l >/dev/shm/l; mv /dev/shm/l %s' % out,
            'cmp a b >/dev/null 2>&1; echo $? >%s' % out,
            'for f in a b c.txt x always; do [ -f $f ] && [ -x $f ] && echo $f; [ -L $f ] && echo link $f; done >%s' % out,
            'readlink -f link x/a a always >/dev/shm/l 2>/dev/null; mv /dev/shm/l %s' % out,
            'find . -xdev -empty | sort >/dev/shm/l; mv /dev/shm/l %s' % out,
            '(cd x && pwd -P; cd ../y && ls) >/dev/shm/l 2>/dev/null; mv /dev/shm/l %s' % out,
            '(cat x/a || cat b || echo neither) 2>/dev/null >/dev/shm/l; mv /dev/shm/l %s' % out,
            'mkdir x 2>/dev/null && echo made >%s' % out,
            'rmdir y empty 2>/dev/null && echo gone >%s' % out,
            'ln -s nowhere a 2>/dev/null || echo exists >%s' % out,
            'echo x >>b; wc -c <b >%s' % out,
            'set -- *; echo $# "$1" >%s' % out,
            'mv x y 2>/dev/null; ls -R y 2>/dev/null >/dev/shm/l; mv /dev/shm/l %s' % out,
            'sed -n 1p always a 2>/dev/null >/dev/shm/l; head -c 3 x/a 2>/dev/null >>/dev/shm/l; mv /dev/shm/l %s' % out,
        ]
        if self.epoch:
            commands.append('stat -c "%%n %%s %%Y" always x/a 2>/dev/null >%s' % out)  # a may be new
            commands.append('find . -xdev -newer always | sort | md5sum >/dev/null')
            commands.append('[ a -nt always ] || [ always -nt b ]; echo $? >%s; cp -u x/a a 2>/dev/null' % out)
        picked = [r.choice(commands) for _ in range(r.randint(1, 3))]
        if r.random() < 0.15:
            return 'RUN ["sh", "-c", %s]' % json.dumps('; '.join(picked) + '; true')
        if r.random() < 0.01:
            return 'RUN test -e a -o -e b -o -e x && ' + picked[0]  # may fail: then it must fail both ways
        return 'RUN mkdir -p sub; %s; true' % '; '.join(picked)

    def mounted_run(self, stage):
        """A RUN with a mount. Nothing that it leaves depends on what a cache holds."""
        r = self.rng
        out = r.choice(['o1', 'o2', 'sub/m'])
        show = '(cd %s && find . | sort; find %s -type f | sort | xargs -d "\\n" cat) >/dev/shm/l 2>/dev/null; mv /dev/shm/l ' + out
        source = r.choice(['', 'source=always,'])
        froms = ['', 'from=alpine:latest,source=/etc,'] + ['from=s%d,source=/w,' % i for i in range(stage)]
        if 'contexts' in self.features:
            froms.append('from=other,')
        target = r.choice(['/m', 'm', '/deep/er/m'])
        choices = [('type=bind,%starget=%s' % (r.choice(froms), target), show % (target, target)),
                   ('type=bind,%starget=/m' % source, 'cat /m /m/always 2>/dev/null >' + out),
                   ('type=bind,%starget=/m,rw' % r.choice(froms), 'rm -rf /m/x; echo new >/m/new; ' + show % ('/m', '/m')),
                   ('type=cache,target=/c', 'ls /c; date >>/c/t; cat a >/c/a 2>/dev/null; echo cached >' + out),
                   ('type=cache,target=c,sharing=locked,id=one', 'cp -r x c/ 2>/dev/null; rm -rf c/x; echo cached >' + out),
                   ('type=tmpfs,target=/t', 'cp -r . /t/ && (cd /t && find . | sort) >/dev/shm/l; mv /dev/shm/l ' + out)]
        picked = r.sample(choices, 1 if r.random() < 0.8 else 2)
        if len({mount.split('target=')[1].split(',')[0] for mount, _ in picked}) < len(picked):
            picked = picked[:1]
        return 'RUN %s mkdir -p sub; %s; true' % (' '.join('--mount=' + m for m, _ in picked), '; '.join(c for _, c in picked))

    def instruction(self, stage):
        r, kind = self.rng, self.rng.random()
        if 'mounts' in self.features and kind < 0.10:
            return self.mounted_run(stage)
        if 'contexts' in self.features and r.random() < 0.05:
            return 'COPY --from=other %s /w/other/' % r.choice(['.', '*', 'a* z*'])
        if kind < 0.40:
            return self.run()
        if kind < 0.62:
            source = r.choice(['.', './', 'x*', '[x]', '*', 'x*/*', 'always', '["always", "."]', 'a*', 'y* x*', '?',
                               '["e*", "é*"]', r.choice(['x', 'x*']), '*.txt c*'])
            destination = r.choice(['.', './', '/w/', 'dest/', '/w/x', '/other/deep/', 'new'])
            if source.startswith('["'):
                return 'COPY ' + json.dumps(json.loads(source) + [destination.rstrip('/') + '/'])
            if r.random() < 0.1:
                return 'COPY %s<<e1 <<"e2" %s\n$V %d\ne1\n$V\ne2' % (
                    self.flags(False).replace('--unpack=false', '').replace('--unpack', ''), destination, r.randrange(9))
            return 'COPY %salways %s %s' % (self.flags(True), source,
                                            destination if destination.endswith(('/', '.')) else destination + '/')
        if kind < 0.68:
            return 'ADD %salways %s %s' % (self.flags(False), r.choice(['t.t*', 't.t* x*', '. t.tg*', 'x/t.t*', '*']),
                                           r.choice(['./', '/w/', '/w/x/', '/new/', '/other/deep/']))
        if kind < 0.76 and stage:
            return 'COPY %s--from=%s %s %s' % (self.flags(True), r.choice([str(r.randrange(stage)), 's%d' % r.randrange(stage)]),
                                             r.choice(['/w', '/w/', '/w/always', '/w/a* /w/always', '/etc/passwd']),
                                             r.choice(['/from/', './', '/w/', '/w/from/']))
        if kind < 0.82:
            return 'WORKDIR ' + r.choice(['/w', 'rel', '/w/x', '/other', '$V/v'])
        return r.choice(['ENV V=%d' % r.randrange(9), 'ENV V=a U="b c"', 'ARG ARG=%d' % r.randrange(9), 'ARG ARG',
                         'LABEL l=%d' % r.randrange(9), 'EXPOSE %d' % r.randrange(1, 9), 'USER nobody', 'USER 0', 'USER 7:8',
                         'CMD ["%d"]' % r.randrange(9), 'ENTRYPOINT e%d' % r.randrange(9), 'VOLUME /v', 'STOPSIGNAL 9',
                         '# comment %d' % r.randrange(99), 'SHELL ["/bin/sh", "-e", "-c"]'])

    def dockerfile(self):
        """Stages of lines; the first line of each is FROM."""
        stages = []
        for i in range(self.rng.randint(1, 3)):
            choices = ['alpine:latest'] + (['s%d' % self.rng.randrange(i)] if i else [])
            lines = ['FROM %s AS s%d' % (self.rng.choice(choices), i), 'WORKDIR /w', 'COPY always .']
            lines += [self.instruction(i) for _ in range(self.rng.randint(1, 6))]
            stages.append(lines)
        if len(stages) > 1 and self.rng.random() < 0.3:
            stages.append(['FROM scratch', 'COPY --from=s%d /w /' % (len(stages) - 1), 'CMD ["/o1"]'])
        return [line for stage in stages for line in stage]

    def edit(self):
        r, kind = self.rng, self.rng.random()
        p = self.path()
        if kind < 0.18:
            return self.write()
        if kind < 0.21:
            return self.archive()
        if kind < 0.26:
            return ['flip', p, False]
        if kind < 0.30:
            return ['flip', p, True]
        if kind < 0.36:
            return ['chmod', p, r.choice([0o644, 0o600, 0o755, 0o444, 0o4755])]
        if kind < 0.42:
            return ['rename', p, self.path()]
        if kind < 0.52:
            return ['remove', r.choice([p, p, os.path.dirname(p) or p])]
        if kind < 0.58:
            return self.link()
        if kind < 0.62:
            return ['mkdir', r.choice(['empty', 'x/empty', 'y', 'a'])]
        if kind < 0.66:
            return ['touch', p]
        if kind < 0.70:
            return ['link', self.path(), p]
        if kind < 0.75:
            return ['ignore', self.ignore()]
        if kind < 0.80:
            return ['undo', r.randint(1, 3)]
        if kind < 0.88:
            return ['insert', r.random(), self.instruction(int(r.random() < 0.1))]  # stage 0 cannot copy from itself
        if kind < 0.94:
            return ['drop', r.random()]
        return ['swap', r.random()]


def make_scenario(seed, number, features):
    rng = random.Random('%d/%d' % (seed, number))
    epoch = rng.choice(['0', '1600000000', '4000000000']) if number % 2 else None
    maker = Maker(rng, epoch, features)
    # Of a named context it is a directory of the context, so that edits reach it: the directory is always there.
    contexts = {'other': 'y'} if 'contexts' in features else {}
    return {'seed': seed, 'number': number, 'epoch': epoch, 'elsewhere': rng.random() < 0.25, 'contexts': contexts,
            'files': maker.files(),
            'dockerfile': maker.dockerfile(), 'edits': [maker.edit() for _ in range(EDITS_PER_SCENARIO)]}


# --- the context and its edits; one that does not apply does nothing

class Context:
    def __init__(self, directory, dockerfile):
        self.directory, self.lines, self.history = directory, list(dockerfile), []
        os.mkdir(directory)
        self.save_dockerfile()

    def save_dockerfile(self):
        self.put('Dockerfile', '\n'.join(self.lines) + '\n')

    def at(self, path):
        return os.path.join(self.directory, path)

    def put(self, path, text):
        with open(self.at(path), 'w') as f:
            f.write(text)

    def snapshot(self):
        names = sorted(n for n in os.listdir(self.directory) if n not in ('.kasane', 'build.ninja'))
        tar = subprocess.run(['tar', '-C', self.directory, '-cf', '-', '--'] + ['./' + n for n in names],
                             stdout=subprocess.PIPE, check=True).stdout
        self.history.append((tar, list(self.lines)))

    def restore(self, steps):
        tar, lines = self.history[max(0, len(self.history) - 1 - steps)]
        for name in os.listdir(self.directory):
            if name not in ('.kasane', 'build.ninja'):
                self.remove(name)
        subprocess.run(['tar', '-C', self.directory, '-xpf', '-'], input=tar, check=True)
        self.lines = list(lines)

    def remove(self, path):
        path = self.at(path)
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path)
        elif os.path.lexists(path):
            os.remove(path)

    def body(self, fraction):
        """Index of a line that is not a FROM, or None."""
        indices = [i for i, l in enumerate(self.lines) if not l.startswith('FROM')]
        return indices[int(fraction * len(indices))] if indices else None

    def apply(self, op):
        try:
            getattr(self, 'do_' + op[0])(*op[1:])
        except OSError:
            pass

    def do_write(self, path, text):
        os.makedirs(os.path.dirname(self.at(path)), exist_ok=True)
        if os.path.islink(self.at(path)):
            os.remove(self.at(path))
        self.put(path, text)

    def do_archive(self, path, mode, members):
        os.makedirs(os.path.dirname(self.at(path)), exist_ok=True)
        with tarfile.open(self.at(path), mode) as tar:
            for name, kind, text, permissions in members:
                member = tarfile.TarInfo(name)
                member.type = {'file': tarfile.REGTYPE, 'dir': tarfile.DIRTYPE, 'symlink': tarfile.SYMTYPE,
                               'link': tarfile.LNKTYPE}[kind]
                member.mode, member.uid, member.mtime = permissions, 3, 1000000000
                if kind == 'file':
                    member.size = len(text.encode())
                elif kind != 'dir':
                    member.linkname = text
                tar.addfile(member, io.BytesIO(text.encode()) if kind == 'file' else None)

    def do_flip(self, path, keep_mtime):
        """Other content of the same size."""
        if os.path.islink(self.at(path)) or not os.path.isfile(self.at(path)):
            return
        stat = os.stat(self.at(path))
        with open(self.at(path), 'r+b') as f:
            data = f.read()
            f.seek(0)
            f.write(bytes(b ^ 1 for b in data))
        if keep_mtime:
            os.utime(self.at(path), ns=(stat.st_atime_ns, stat.st_mtime_ns))

    def do_chmod(self, path, mode):
        if not os.path.islink(self.at(path)):
            os.chmod(self.at(path), mode | (0o700 if os.path.isdir(self.at(path)) else 0o400))

    def do_rename(self, old, new):
        os.makedirs(os.path.dirname(self.at(new)), exist_ok=True)
        os.rename(self.at(old), self.at(new))

    def do_remove(self, path):
        self.remove(path)

    def do_symlink(self, path, target):
        os.makedirs(os.path.dirname(self.at(path)), exist_ok=True)
        self.remove(path)
        os.symlink(target, self.at(path))

    def do_mkdir(self, path):
        if os.path.isfile(self.at(path)):
            self.remove(path)
        os.makedirs(self.at(path), exist_ok=True)

    def do_touch(self, path):
        os.utime(self.at(path), follow_symlinks=False)

    def do_link(self, path, target):
        os.makedirs(os.path.dirname(self.at(path)), exist_ok=True)
        os.link(self.at(target), self.at(path), follow_symlinks=False)

    def do_ignore(self, patterns):
        self.put('.dockerignore', '\n'.join(patterns) + '\n')

    def do_undo(self, steps):
        self.restore(steps)

    def do_insert(self, fraction, line):
        i = self.body(fraction)
        if i is not None:
            self.lines.insert(i + 1, line)
            self.save_dockerfile()

    def do_drop(self, fraction):
        i = self.body(fraction)
        if i is not None:
            del self.lines[i]
            self.save_dockerfile()

    def do_swap(self, fraction):
        i = self.body(fraction)
        if i is not None and i + 1 < len(self.lines) and not self.lines[i + 1].startswith('FROM'):
            self.lines[i], self.lines[i + 1] = self.lines[i + 1], self.lines[i]
            self.save_dockerfile()


# --- builds

def new_store(path):
    subprocess.run(['cp', '-al', os.environ['KASANE_SEED'], path], check=True)
    if os.path.exists(path + '/lock'):
        os.remove(path + '/lock')


def build(gen, context, build_dir, store, epoch, contexts=()):
    """(image or None, output)"""
    env = dict(os.environ, KASANE_STORE=store, CONTAINERS_REGISTRIES_CONF=FIXTURES + '/registries.conf')
    env.pop('SOURCE_DATE_EPOCH', None)
    if epoch is not None:
        env['SOURCE_DATE_EPOCH'] = epoch
    output = ''
    options = ['-C', build_dir] if build_dir != context else []
    for name in contexts:
        os.makedirs(os.path.join(context, contexts[name]), exist_ok=True)
        options.append('--build-context=%s=%s' % (name, os.path.join(context, contexts[name])))
    for command in ([gen] + options + [context], ['ninja', '-C', build_dir, '-j2', 'oci']):
        p = subprocess.run(['timeout', '300'] + command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, cwd=build_dir)
        output += p.stdout.decode(errors='replace')
        if p.returncode == 124:
            raise RuntimeError('a build that does not end: %s\n%s' % (context, output))
        if p.returncode:
            return None, output
    return ocidiff.load(os.path.join(build_dir, '.kasane/out/oci')), output


def run_records(build_dir):
    """record -> (its bytes, its .run file) of the RUNs that were come to"""
    records = {}
    for directory, _, names in os.walk(os.path.join(build_dir, '.kasane/records')):
        for name in names:
            if name.endswith('.json.run'):
                path = os.path.join(directory, name)
                try:
                    with open(path[:-len('.run')], 'rb') as record, open(path) as left:
                        records[path] = record.read(), os.stat(path).st_mtime_ns, json.load(left)
                except (OSError, ValueError):
                    pass
    return records


def count_needless(before, after, stats):
    for path, (record, time_after, left) in after.items():
        if path not in before or before[path][1] == time_after or left.get('outcome') != 'ran':
            continue
        stats['RUNs that ran'] = stats.get('RUNs that ran', 0) + 1
        if record != before[path][0]:
            continue
        first = (left.get('differences') or [{}])[0]
        asker = first.get('asker', '').split(' > ')[-1] or 'what the RUN changed'
        name = 'needless: %s (%s)' % (first.get('fact') or left.get('why'), asker)
        stats[name] = stats.get(name, 0) + 1


class Difference(Exception):
    pass


def compare(incremental, clean, epoch):
    (a, log_a), (b, log_b) = incremental, clean
    if (a is None) != (b is None):
        raise Difference('one failed\n--- incremental:\n%s--- clean:\n%s' % (log_a, log_b))
    if a is None:
        return
    found = ocidiff.differences(a, b, mtime=epoch is not None)
    if epoch is not None and a.digest != b.digest and not found:
        found = ['digest: %s | %s' % (a.digest, b.digest)]
    if found:
        raise Difference('A = incremental, B = clean\n' + '\n'.join(found[:20]))


def play(gen, scenario, stats=None):
    """Raises Difference."""
    ocidiff._layers.clear()
    work = tempfile.mkdtemp(prefix='laws.', dir=FIXTURES)
    try:
        context = Context(work + '/context', scenario['dockerfile'])
        for op in scenario['files']:
            context.apply(op)
        store, epoch = work + '/store', scenario['epoch']
        new_store(store)
        build_dir = work + '/build' if scenario['elsewhere'] else context.directory
        os.makedirs(build_dir, exist_ok=True)
        context.snapshot()
        failed = False
        for i, op in enumerate([None] + scenario['edits']):
            if op:
                if failed:  # mostly the next edit would not mend it
                    context.apply(['undo', 1])
                context.apply(op)
                context.snapshot()
            before = run_records(build_dir)
            incremental = build(gen, context.directory, build_dir, store, epoch, scenario['contexts'])
            if op and stats is not None and op[0] not in DOCKERFILE_EDITS and incremental[0] is not None:
                count_needless(before, run_records(build_dir), stats)
            clean_dir, clean_store = work + '/clean', work + '/clean-store'
            os.mkdir(clean_dir)
            subprocess.run(['tar', '-C', clean_dir, '-xpf', '-'], input=context.history[-1][0], check=True)
            new_store(clean_store)
            clean = build(gen, clean_dir, clean_dir, clean_store, epoch, scenario['contexts'])
            try:
                compare(incremental, clean, epoch)
            except Difference as e:
                raise Difference('after %s\n%s' % ('edit %d, %s' % (i, json.dumps(op)) if op else 'the first build', e))
            failed = clean[0] is None
            if stats is not None:
                stats['failed builds' if failed else 'images'] += 1
                stats['edits'] += bool(op)
            shutil.rmtree(clean_dir)
            shutil.rmtree(clean_store)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def shrink(gen, scenario, seconds=120):
    """Leaves out edits, instructions and files as long as it still fails."""
    deadline = time.time() + seconds
    for key in ('edits', 'dockerfile', 'files'):
        i = len(scenario[key]) - 1
        while i >= 0 and time.time() < deadline:
            if key != 'dockerfile' or not scenario[key][i].startswith('FROM'):
                smaller = dict(scenario, **{key: scenario[key][:i] + scenario[key][i + 1:]})
                try:
                    play(gen, smaller)
                except Difference:
                    scenario = smaller
                    i = min(i, len(scenario[key]))
            i -= 1
    return scenario


def play_one(job):
    gen, scenario = job
    stats = {'edits': 0, 'images': 0, 'failed builds': 0}
    try:
        play(gen, scenario, stats)
        return stats, None
    except Difference as e:
        return stats, str(e)


def find_features(gen):
    """What this gen knows of that not every gen does."""
    found = []
    with tempfile.TemporaryDirectory() as work:
        for name, line, options in (('mounts', 'RUN --mount=type=tmpfs,target=/t true', []),
                                    ('contexts', 'COPY --from=other . /', ['--build-context=other=' + work])):
            with open(work + '/Dockerfile', 'w') as f:
                f.write('FROM scratch\n%s\n' % line)
            if not subprocess.run([gen, 'dump', 'plan'] + options + [work], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL).returncode:
                found.append(name)
    return found


def check_base(gen):
    """Without a base image both sides of each comparison would fail alike."""
    with tempfile.TemporaryDirectory(dir=FIXTURES) as work:
        os.mkdir(work + '/context')
        with open(work + '/context/Dockerfile', 'w') as f:
            f.write('FROM alpine:latest\nRUN true\n')
        new_store(work + '/store')
        image, output = build(gen, work + '/context', work + '/context', work + '/store', None)
        if image is None:
            sys.exit('the base image cannot be had; run tests/fixtures/up.sh:\n' + output)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--edits', type=int, default=500)
    parser.add_argument('--seed', type=int, default=random.SystemRandom().randrange(1000000))
    parser.add_argument('--jobs', type=int, default=2)
    parser.add_argument('--gen', default=os.environ.get('KASANE_GEN', TOP + '/bazel-bin/generator/gen'))
    parser.add_argument('--progress', metavar='FILE')
    parser.add_argument('--replay', metavar='FILE')
    args = parser.parse_args()
    os.environ['KASANE_SEED'] = subprocess.check_output([TOP + '/tests/e2e/seed-store'], text=True,
                                                        env=dict(os.environ, KASANE_GEN=args.gen)).strip()
    if args.replay:
        with open(args.replay) as f:
            play(args.gen, json.load(f))
        print('no difference')
        return 0
    total, failed, start, done = {}, 0, time.time(), 0
    if args.progress and os.path.exists(args.progress):
        with open(args.progress) as f:
            progress = json.load(f)
        args.seed, done, failed, total = progress['seed'], progress['scenarios'], progress['failed'], progress['counts']
    print('law 1: seed %d%s' % (args.seed, ', after %d scenarios' % done if done else ''), flush=True)
    check_base(args.gen)
    features = find_features(args.gen)
    numbers = range(done, (args.edits + EDITS_PER_SCENARIO - 1) // EDITS_PER_SCENARIO)
    scenarios = [make_scenario(args.seed, n, features) for n in numbers]
    with concurrent.futures.ProcessPoolExecutor(args.jobs) as pool:
        results = pool.map(play_one, [(args.gen, s) for s in scenarios])
        for scenario, (stats, difference) in zip(scenarios, results):
            done += 1
            for k, v in stats.items():
                total[k] = total.get(k, 0) + v
            if difference is not None:
                failed += 1
                print('seed %d, scenario %d: %s' % (args.seed, scenario['number'], difference))
                if failed == 1:
                    scenario = shrink(args.gen, scenario)
                path = '%s/law1-%d-%d.json' % (FIXTURES, args.seed, scenario['number'])
                with open(path, 'w') as f:
                    json.dump(scenario, f, indent=1, ensure_ascii=False)
                print('again: tests/laws/fuzz.py --replay %s\n' % path, flush=True)
            if args.progress:
                with open(args.progress + '.new', 'w') as f:
                    json.dump({'seed': args.seed, 'scenarios': done, 'failed': failed, 'counts': total}, f, indent=1, sort_keys=True)
                    f.write('\n')
                os.replace(args.progress + '.new', args.progress)
    counts = {k: v for k, v in total.items() if not k.startswith('needless')}
    for name in sorted((k for k in total if k not in counts), key=lambda k: (-total[k], k)):
        print('%6d  %s' % (total[name], name))
    print('law 1: %s, %.0f s' % (', '.join('%d %s' % (v, k) for k, v in counts.items()), time.time() - start))
    print('%d passed, %d failed' % (done - failed, failed))
    return 1 if failed or not total.get('images') else 0


if __name__ == '__main__':
    sys.exit(main())
