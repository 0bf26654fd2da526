"""What the programs of this folder time: Kasane, buildah, podman and BuildKit, each as an object that builds a context."""
import math
import os
import shutil
import statistics
import subprocess
import sys
import time
from xml.sax.saxutils import escape

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FIXTURES = os.environ.get('FIXTURES', '/tmp/kasane-fixtures')
GEN = os.environ.get('KASANE_GEN', TOP + '/bazel-bin/generator/gen')
CONF = FIXTURES + '/registries.conf'


class Usage:
    """Of the processes that `call` has waited for, since the last reset."""
    cpu = 0.0  # seconds, user and system
    peak = 0  # KiB of the largest process

    @classmethod
    def reset(cls):
        cls.cpu, cls.peak = 0.0, 0


def call(command, cwd=None, env=None):
    p = subprocess.Popen(command, cwd=cwd, env=dict(os.environ, CONTAINERS_REGISTRIES_CONF=CONF, **(env or {})),
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    out = p.stdout.read().decode(errors='replace')
    _, status, usage = os.wait4(p.pid, 0)
    p.returncode = os.waitstatus_to_exitcode(status)
    if p.returncode:
        sys.exit('failed: %s\n%s' % (' '.join(command), out))
    Usage.cpu += usage.ru_utime + usage.ru_stime
    Usage.peak = max(Usage.peak, usage.ru_maxrss)
    return out


def timed(function):
    start = time.monotonic()
    function()
    return time.monotonic() - start


class Kasane:
    name = 'Kasane'
    dockerfile = None  # None: the one in `ctx`; a peer has it too
    options = ()

    def __init__(self, work):
        self.store, self.ctx, self.left = work + '/kasane-store', None, work + '/kasane-left'

    def leave(self, path):
        """Puts it away until all is over: ext4 makes files slowly for minutes after many others were deleted, and the
        peers keep theirs too. In memory it goes at once."""
        if os.path.exists(path):
            if subprocess.check_output(['stat', '-f', '-c', '%T', path], text=True).strip() == 'tmpfs':
                shutil.rmtree(path)
                return
            os.makedirs(self.left, exist_ok=True)
            os.rename(path, '%s/%d' % (self.left, len(os.listdir(self.left))))

    def forget(self, bases):
        self.leave(self.store)
        if bases:
            seed = os.environ['KASANE_SEED']
            same = os.stat(seed).st_dev == os.stat(os.path.dirname(self.store)).st_dev
            call(['cp', '-al' if same else '-a', seed, self.store])
            if os.path.exists(self.store + '/lock'):
                os.remove(self.store + '/lock')
        if self.ctx:
            self.leave(self.ctx + '/.kasane')

    def build(self, fresh=False, network='host'):
        env = {'KASANE_STORE': self.store}
        file = ['-f', self.dockerfile] if self.dockerfile else []
        call([GEN, '--network=' + network, '--add-host', 'goproxy.cn:127.0.0.1', *self.options] + file, self.ctx, env)
        return call(['ninja', 'image'], self.ctx, env)


class Buildah:
    name = 'buildah'
    command = ['buildah']
    dockerfile = None

    def __init__(self, work):
        self.root, self.ctx = work + '/' + self.name, None

    def buildah(self, *args):
        call(self.command + ['--root', self.root, '--runroot', self.root + '-run', '--storage-driver', 'overlay'] +
             list(args), self.ctx)

    def forget(self, bases):
        if not bases and os.path.exists(self.root):
            self.buildah('rmi', '-a', '-f')
            shutil.rmtree(self.root, ignore_errors=True)

    def build(self, fresh=False):
        self.buildah('build', '--isolation', 'chroot', '--layers', '--network', 'host', '--add-host',
                     'goproxy.cn:127.0.0.1', '-t', 'democice', *(['--no-cache'] if fresh else []),
                     *(['-f', self.dockerfile] if self.dockerfile else []), '.')


class Podman(Buildah):
    name = 'podman'
    command = ['podman', '--runtime', 'runc', '--cgroup-manager', 'cgroupfs']


class BuildKit:
    name = 'BuildKit'
    dockerfile = None

    def __init__(self, work):
        self.ctl, self.out, self.ctx = [FIXTURES + '/buildkit/bin/buildctl', '--addr',
                                        'unix://' + FIXTURES + '/buildkit/sock'], work + '/buildkit-out', None

    def runs(self):
        return os.path.exists(self.ctl[0]) and not subprocess.run(
            self.ctl + ['debug', 'workers'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode

    def forget(self, bases):
        if not bases:
            call(self.ctl + ['prune', '--all'])

    def build(self, fresh=False):
        file = self.dockerfile or self.ctx + '/Dockerfile'
        call(self.ctl + ['build', '--progress', 'plain', '--frontend', 'dockerfile.v0', '--local', 'context=' + self.ctx,
                         '--local', 'dockerfile=' + os.path.dirname(file), '--opt', 'filename=' + os.path.basename(file),
                         '--allow', 'network.host', '--opt',
                         'force-network-mode=host', '--opt', 'add-hosts=goproxy.cn=127.0.0.1', '--output',
                         'type=oci,tar=false,dest=' + self.out] + (['--no-cache'] if fresh else []))


def found(work, without=()):
    """The tools that are there."""
    tools = [t for t in (Kasane(work), BuildKit(work), Buildah(work), Podman(work)) if t.name.lower() not in [w.lower() for w in without]]
    for tool in tools:
        tool.work_dir = work
    if any(isinstance(t, BuildKit) and not t.runs() for t in tools):
        print('BuildKit does not run: left out', file=sys.stderr)
        tools = [t for t in tools if not isinstance(t, BuildKit)]
    return [t for t in tools if not isinstance(t, Buildah) or shutil.which(t.command[0])]


def seed_store():
    """Makes the store with the base images that a cold Kasane begins with."""
    os.environ['KASANE_SEED'] = subprocess.check_output([TOP + '/tests/e2e/seed-store'], text=True,
                                                        env=dict(os.environ, KASANE_GEN=GEN)).strip()


def table(cases, names, times, columns=('%.3f', ' (%.1fx)')):
    """Markdown: a row for each case, a column for each tool, medians, and the ratio to Kasane's."""
    print('| case | ' + ' | '.join(names) + ' |')
    print('|---|' + '---:|' * len(names))
    for case in cases:
        medians = {n: statistics.median(v) for n, v in times.get(case, {}).items()}
        cells = []
        for n in names:
            cell = columns[0] % medians[n] if n in medians else ''
            if n in medians and n != Kasane.name and medians.get(Kasane.name):
                cell += columns[1] % (medians[n] / medians[Kasane.name])
            cells.append(cell)
        print('| %s | %s |' % (case, ' | '.join(cells)))


COLORS = ('#2a6f97', '#e07a5f', '#8a8a8a', '#b8b08d', '#6a994e')


def chart(path, title, cases, names, times, unit='s'):
    """Writes an SVG: for each case a group of bars, one for each tool; medians, on a logarithmic axis."""
    medians = {c: {n: statistics.median(v) for n, v in times.get(c, {}).items()} for c in cases}
    values = [v for m in medians.values() for v in m.values() if v > 0]
    if not values:
        return
    names = [n for n in names if any(n in medians[c] for c in cases)]
    low = 10 ** math.floor(math.log10(min(values)))
    high = 10 ** math.ceil(math.log10(max(values)) + 1e-9)
    left, width, bar, gap, top = 130, 520, 14, 12, 64

    def x(value):
        return left + width * math.log10(max(value, low) / low) / math.log10(high / low)

    height = top + sum(bar * len(medians[c]) + gap for c in cases) + 24
    out = ['<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="12">'
           % (left + width + 70, height), '<rect width="100%" height="100%" fill="white"/>',
           '<text x="10" y="20" font-size="14" font-weight="bold">' + escape(title) + '</text>']
    for i, name in enumerate(names):
        out.append('<rect x="%d" y="32" width="12" height="12" fill="%s"/><text x="%d" y="43">%s</text>'
                   % (left + i * 120, COLORS[i % len(COLORS)], left + i * 120 + 17, escape(name.replace('`', ''))))
    tick = low
    while tick <= high * 1.001:
        out.append('<line x1="%.1f" y1="%d" x2="%.1f" y2="%d" stroke="#ddd"/><text x="%.1f" y="%d" fill="#666" '
                   'text-anchor="middle">%g %s</text>' % (x(tick), top - 8, x(tick), height - 20, x(tick), height - 6, tick, unit))
        tick *= 10
    y = top
    for case in cases:
        out.append('<text x="%d" y="%.1f" text-anchor="end">%s</text>'
                   % (left - 8, y + bar * len(medians[case]) / 2 + 4, escape(case)))
        for i, name in enumerate(names):
            if name not in medians[case]:
                continue
            value = medians[case][name]
            out.append('<rect x="%d" y="%d" width="%.1f" height="%d" fill="%s"/><text x="%.1f" y="%d">%.3g</text>'
                       % (left, y, max(1, x(value) - left), bar - 2, COLORS[i % len(COLORS)], x(value) + 5, y + bar - 4, value))
            y += bar
        y += gap
    with open(path, 'w') as f:
        f.write('\n'.join(out) + '\n</svg>\n')
