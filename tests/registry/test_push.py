"""gen-net step, push."""
import json
import os
import subprocess

import case
import harness
from harness import sha


class Push(case.Case):
    def setUp(self):
        super().setUp()
        self.img = case.image()
        self.source = case.origin().host + '/test/app'
        for i in range(len(self.img.layers)):
            self.assertPulled(self.client.pull(self.source, self.img, i), self.img, i)

    def assertPushed(self, outcome, name, sent, mounted, present):
        self.assertEqual((0, 'pushed %s@%s (%d blobs sent, %d mounted, %d present)' % (
            name, self.img.digest, sent, mounted, present), ''), outcome)
        got = self.client.resolve(name)
        self.assertIsInstance(got, dict, got)
        self.assertEqual((self.img.digest, self.img.config.decode()), (got['manifest'], got['config']))

    def fresh(self, name):
        return case.shared(name, lambda: harness.registry(case.scratch() + '/' + name))

    def test_everything_then_nothing(self):
        name = self.fresh('push').host + '/test/whole:v1'
        self.assertPushed(self.client.push(self.img, name), name, 3, 0, 0)
        self.assertPushed(self.client.push(self.img, name), name, 0, 0, 3)
        subprocess.run(['skopeo', 'copy', '-q', '--src-tls-verify=false', 'docker://' + name, 'dir:%s/copy' % self.directory],
                       check=True)

    def test_mount_from_where_it_was_pulled(self):
        front = self.front()
        name = case.origin().host + '/test/mounted:v1'
        self.assertPushed(self.client.push(self.img, name), name, 1, 2, 0)
        other = front.host + '/test/not-mounted:v1'
        self.assertPushed(self.client.push(self.img, other), other, 3, 0, 0)  # another registry, for all we know
        self.assertFalse(front.seen('POST', 'mount='))
        third = front.host + '/test/mounted-too:v1'
        self.assertPushed(self.client.push(self.img, third), third, 0, 3, 0)

    def test_several_names(self):
        host = self.fresh('push').host
        status, out, err = self.client.push(self.img, host + '/test/first:1', host + '/test/second:2')
        self.assertEqual((0, ''), (status, err))
        self.assertEqual(['3 blobs sent, 0 mounted', '0 blobs sent, 3 mounted'],
                         [line.split('(')[1][:24].rstrip(', ') for line in out.splitlines()])

    def test_long_bodies_refused_so_in_pieces(self):
        self.img = case.image('big', (11000000,))
        self.assertPulled(self.client.pull(case.origin().host + '/test/big', self.img), self.img)
        cuts = []

        def hook(handler, body):
            if handler.command in ('PUT', 'PATCH') and len(body) > 5000000:
                handler.error(413, 'SIZE_INVALID', 'too long')
                return True
            if handler.command == 'PATCH' and len(cuts) < 2:
                cuts.append(handler.headers['Content-Range'])
                if len(cuts) == 2:  # the registry has it, the answer is lost
                    handler.ask(body)
                handler.hang_up()
                return True
            return False
        front = self.front(hook, self.fresh('push').host)
        name = front.host + '/test/pieces:v1'
        self.assertPushed(self.client.push(self.img, name), name, 2, 0, 0)
        sizes = [int(e[2]['Content-Length']) for e in front.seen('PATCH', '', 202)]
        self.assertTrue(sizes and max(sizes) <= 4 << 20, sizes)

    def test_broken_upload_is_started_again(self):
        cuts = []

        def hook(handler, body):
            if handler.command == 'PUT' and '/uploads/' in handler.path and len(cuts) < 2:
                cuts.append(1)
                handler.hang_up()
                return True
            return False
        front = self.front(hook, self.fresh('push').host)
        name = front.host + '/test/again:v1'
        self.assertPushed(self.client.push(self.img, name), name, 3, 0, 0)

    def test_manifest_comes_last(self):
        front = self.front(None, self.fresh('push').host)
        name = front.host + '/test/order:v1'
        self.assertPushed(self.client.push(self.img, name), name, 3, 0, 0)
        writes = [e for e in front.log if e[0] in ('PUT', 'POST', 'PATCH')]
        self.assertIn('/manifests/v1', writes[-1][1])
        self.assertEqual(1, len(front.seen('PUT', '/manifests/')))
        for entry in front.seen('PUT', '/uploads/'):
            self.assertIn('_state=', entry[1])  # the Location, with its query

    def test_denied(self):
        registry = case.shared('basic', lambda: harness.registry(case.scratch() + '/basic', htpasswd=True))
        name = registry.host + '/test/denied:v1'
        status, out, err = self.client.push(self.img, name)
        self.assertEqual((1, ''), (status, out))
        self.assertRegex(err, '^kasane: {0}: blob sha256:[0-9a-f]*: access denied by {1}.*$'.format(name, registry.host))
        self.client.login(auths={registry.host: {'auth': harness.auth()}})
        self.assertPushed(self.client.push(self.img, name), name, 3, 0, 0)

    def test_reads_only_are_redirected(self):
        self.client.registries('[[registry]]\nprefix = "%s"\nlocation = "elsewhere.invalid"\n' % self.fresh('push').host)
        name = self.fresh('push').host + '/test/straight:v1'
        self.assertEqual(0, self.client.push(self.img, name)[0])
        status, _, _ = harness.call(self.fresh('push').host, 'GET', '/v2/test/straight/manifests/v1',
                                    headers={'Accept': harness.MANIFEST})
        self.assertEqual(200, status)

    def test_index_with_its_manifests(self):
        self.img = case.image()
        index = json.dumps({'schemaVersion': 2, 'mediaType': harness.INDEX, 'manifests': [
            dict(self.img.descriptor(self.img.manifest, harness.MANIFEST),
                 platform={'os': 'linux', 'architecture': 'amd64'})]}).encode()
        self.client.push(self.img)  # only to place manifest and config
        path = '%s/blobs/sha256/%s/%s' % (self.client.store, sha(index)[7:9], sha(index)[7:])
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'wb') as f:
            f.write(index)
        with open(self.client.record('image'), 'w') as f:
            json.dump({'version': 1, 'kind': 'image', 'manifest': sha(index), 'manifest_size': len(index),
                       'manifest_media_type': harness.INDEX}, f)
        name = self.fresh('push').host + '/test/index:v1'
        status, out, err = self.client.run(*self.client.step_words('push', {'names': [name]}, [self.client.record('image')]))
        self.assertEqual((0, ''), (status, err))
        self.assertEqual(self.img.digest, self.client.resolve('--platform', 'linux/amd64', name)['manifest'])
