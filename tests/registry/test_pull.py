"""gen-net step, pull: transfers that break, lie, wander and race."""
import os
import re
import signal
import threading

import case
import harness
from harness import sha


def ranges(front):
    return [e[2].get('Range') for e in front.seen('GET', '/blobs/') if e[3]]


class Pull(case.Case):
    def setUp(self):
        super().setUp()
        self.img = case.image()
        self.blob = self.img.layers[0][0]
        self.digest = sha(self.blob)

    def source(self, front=None):
        return '%s/test/app' % (front or case.origin()).host

    def test_record_and_hit(self):
        front = self.front()
        outcome = self.client.pull(self.source(front), self.img)
        self.assertPulled(outcome, self.img)
        self.assertEqual('ran pull %s %s 3.0 MB' % (self.source(front), self.digest[7:19]), outcome[1])
        with open(self.client.record('pull')) as f:
            record = f.read()
        self.assertIn('"layers":[{"diff_id":"%s","blob":"%s","size":%d,"media_type":"%s"}]' % (
            self.img.layers[0][1], self.digest, len(self.blob), harness.LAYER), record)
        os.unlink(self.client.record('pull'))
        front.log.clear()
        outcome = self.client.pull(self.source(front), self.img)
        self.assertPulled(outcome, self.img)
        self.assertTrue(outcome[1].startswith('hit '), outcome)
        self.assertFalse(front.log)
        with open(self.client.record('pull')) as f:
            self.assertEqual(record, f.read())

    def cutter(self, piece, keeps_ranges=True):
        """Breaks every transfer of a blob after `piece` bytes of the body."""
        def hook(handler, body):
            if '/blobs/sha256' not in handler.path or handler.command != 'GET':
                return False
            if not keeps_ranges:
                del handler.headers['Range']
            status, headers, data = handler.ask(body)
            handler.reply(status, headers, data, cut=piece)
            return True
        return hook

    def test_broken_transfers_are_resumed(self):
        front = self.front(self.cutter(700000))
        self.assertPulled(self.client.pull(self.source(front), self.img), self.img)
        got = ranges(front)
        self.assertEqual(None, got[0])
        starts = [int(re.fullmatch(r'bytes=(\d+)-', r).group(1)) for r in got[1:]]
        self.assertEqual(sorted(set(starts)), starts)
        self.assertEqual([700000, 1400000, 2100000, 2800000], starts)

    def test_server_without_ranges(self):
        pieces = iter((900000, 1800000, 10 ** 9))

        def hook(handler, body):
            if '/blobs/sha256' not in handler.path:
                return False
            return self.cutter(next(pieces), keeps_ranges=False)(handler, body)
        self.assertPulled(self.client.pull(self.source(self.front(hook)), self.img), self.img)

    def test_transfer_that_never_gets_on(self):
        front = self.front(self.cutter(0))
        self.assertFails(self.client.pull(self.source(front), self.img),
                         self.client_error(front, 'the connection to %s broke: transfer closed with %d bytes remaining to read'
                                           % (front.host, len(self.blob))))
        self.assertEqual(set(), self.client.blobs())

    def client_error(self, front, text):
        return '%s: layer %s: %s' % (self.source(front), self.digest, text)

    def test_wrong_bytes(self):
        def lie(handler, body):
            if '/blobs/sha256' not in handler.path:
                return False
            status, headers, data = handler.ask(body)
            handler.reply(status, headers, data[:-1000] + b'x' * 1000)
            return True
        front = self.front(lie)
        status, out, err = self.client.pull(self.source(front), self.img)
        self.assertEqual((1, ''), (status, out))
        self.assertTrue(err.startswith('kasane: ' + self.client_error(front, '')), err)
        self.assertEqual((set(), []), (self.client.blobs(), self.client.scratch()))
        # ... from a mirror: the primary location is asked.
        self.client.registries('[[registry]]\nprefix = "a.invalid"\nlocation = "%s"\n[[registry.mirror]]\nlocation = "%s"\n'
                               % (case.origin().host, front.host))
        self.assertPulled(self.client.pull('a.invalid/test/app', self.img), self.img)

    def test_wrong_diff_id_and_size(self):
        for changes in ({'diff_id': 'sha256:' + '1' * 64}, {'size': len(self.blob) + 1}, {'size': len(self.blob) - 1}):
            status, out, err = self.client.pull(self.source(), self.img, **changes)
            self.assertEqual((1, ''), (status, out), changes)
            self.assertEqual(1, len(err.splitlines()), err)
            self.assertEqual((set(), []), (self.client.blobs(), self.client.scratch()))
            self.assertFalse(os.path.exists(self.client.record('pull')))

    def test_missing_blob(self):
        missing = 'sha256:' + '2' * 64
        self.assertFails(self.client.pull(self.source(), self.img, blob=missing),
                         '%s: layer %s: not found' % (self.source(), missing))

    def test_resumed_at_the_next_mirror(self):
        broken, good = self.front(self.cutter(1000)), self.front()

        def dies(handler, body):  # after one piece it only hangs up
            if len(broken.seen('GET', '/blobs/')) == 0:
                return self.cutter(1000000)(handler, body) if '/blobs/' in handler.path else False
            handler.hang_up()
            return True
        broken.hook = dies
        self.client.registries('[[registry]]\nprefix = "a.invalid"\nlocation = "%s"\n[[registry.mirror]]\nlocation = "%s"\n'
                               % (good.host, broken.host))
        self.assertPulled(self.client.pull('a.invalid/test/app', self.img), self.img)
        self.assertEqual(['bytes=1000000-'], ranges(good))

    def test_two_at_once(self):
        words = self.client.pull_words(self.source(), self.img)
        processes = [self.client.start(*words[:-1], words[-1] + str(i)) for i in range(3)]
        for process in processes:
            out, err = process.communicate(timeout=60)
            self.assertEqual((0, b''), (process.returncode, err), out)
        self.assertEqual([], self.client.scratch())
        self.assertIn(self.digest[7:], self.client.blobs())

    def test_killed_in_the_middle(self):
        front = self.front(self.cutter(2000000))
        reached = threading.Event()
        inner = front.hook

        def stall(handler, body):
            if '/blobs/sha256' in handler.path and handler.headers.get('Range'):
                reached.set()
                threading.Event().wait(20)
            return inner(handler, body)
        front.hook = stall
        words = self.client.pull_words(self.source(front), self.img)
        process = self.client.start(*words)
        self.assertTrue(reached.wait(20))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        self.assertEqual(set(), self.client.blobs())
        self.assertFalse(os.path.exists(self.client.record('pull')))
        self.assertPulled(self.client.pull(self.source(), self.img), self.img)
