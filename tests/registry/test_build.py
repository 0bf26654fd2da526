"""gen and ninja: how the layers of a base image come into the store."""
import glob
import os
import re
import subprocess
import threading

import case
import harness

GEN = os.path.join(os.path.dirname(harness.GEN_NET), 'gen')
LAYERS = 4


class Build(case.Case):
    def build(self, name, image):
        """A project of its own, FROM the image, in the client's one store."""
        project = '%s/%s' % (self.directory, name)
        os.makedirs(project)
        with open(project + '/Dockerfile', 'w') as f:
            f.write('FROM %s\nCOPY Dockerfile /\n' % image)
        for command in [GEN], ['ninja', '-j%d' % LAYERS, 'image']:
            done = subprocess.run(command, cwd=project, env=self.client.env, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
            self.assertEqual(0, done.returncode, done.stdout.decode())

    def test_layers_come_at_once_and_once_for_a_user(self):
        img = case.image('several', (300000,) * LAYERS)
        layers = {harness.sha(blob) for blob, _ in img.layers}
        together = threading.Barrier(LAYERS, timeout=60)

        def hook(handler, body):  # no layer is sent before all have been asked for
            if handler.command == 'GET' and handler.path.split('/')[-1] in layers:
                together.wait()
            return False
        front = self.front(hook)
        self.build('one', front.host + '/test/several')
        self.assertEqual(LAYERS, len([e for e in front.seen('GET', '/blobs/') if e[1].split('/')[-1] in layers]))
        front.log.clear()
        self.build('another', front.host + '/test/several')
        self.assertFalse([e for e in front.seen('GET', '/blobs/') if e[1].split('/')[-1] in layers])

    def test_a_layer_is_read_once_and_written_once(self):
        img = case.image()
        words = self.client.pull_words(case.origin().host + '/test/app', img)
        log = self.directory + '/strace'
        self.client.prefix = ['strace', '-ff', '-qq', '-e', 'signal=none', '-e', 'trace=read,pread64,write,pwrite64,writev,'
                              'copy_file_range,sendfile', '-y', '-o', log]
        status, _, err = self.client.run(*words)
        self.assertEqual((0, ''), (status, err))
        read = written = 0  # of the store's files
        for name in glob.glob(log + '.*'):  # one for each thread
            with open(name) as f:
                lines = f.readlines()
            for line in lines:
                call = re.search(r'(\w+)\((\d+)<([^>]*)>.* = (\d+)$', line)
                if not call or not call[3].startswith(self.client.store + '/'):
                    continue
                if 'write' in call[1]:
                    written += int(call[4])
                else:
                    read += int(call[4])
        blob, tar = len(img.layers[0][0]), 3000000
        self.assertLess(read, 100000)  # what was stored is not read again
        self.assertGreater(written, blob + tar)
        self.assertLess(written, blob + tar + 100000)  # the blob as it came, and its tar: nothing else
