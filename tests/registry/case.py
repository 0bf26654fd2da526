"""What all tests share: one registry for all, a client for each."""
import atexit
import shutil
import tempfile
import unittest

import harness

_shared = {}


def shared(name, make):
    if name not in _shared:
        _shared[name] = make()
    return _shared[name]


def image(tag='app', sizes=(3000000, 20000)):
    """An image in the shared registry, as test/TAG:latest."""
    key = 'image', tag
    return shared(key, lambda: harness.Image(tag, sizes).upload(origin().host, 'test/' + tag, 'latest'))


def scratch():
    return shared('scratch', lambda: tempfile.mkdtemp(prefix='kasane-registry-'))


def origin():
    return shared('origin', lambda: harness.registry(scratch() + '/origin'))


def stop_all():
    for thing in reversed(list(_shared.values())):
        if hasattr(thing, 'stop'):
            thing.stop()
    if 'scratch' in _shared:
        shutil.rmtree(_shared['scratch'])
    _shared.clear()


atexit.register(stop_all)


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix='kasane-registry-')
        self.addCleanup(shutil.rmtree, self.directory)
        self.client = harness.Client(self.directory)

    def front(self, hook=None, upstream=None):
        front = harness.Front(upstream or origin().host, hook)
        self.addCleanup(front.stop)
        return front

    def assertPulled(self, outcome, img, index=0):
        self.assertEqual((0, ''), (outcome[0], outcome[2]))
        self.assertIn(harness.sha(img.layers[index][0])[7:], self.client.blobs())
        self.assertEqual([], self.client.scratch())

    def assertFails(self, outcome, message):
        self.assertEqual((1, '', 'kasane: ' + message), outcome)
        self.assertEqual([], self.client.scratch())
