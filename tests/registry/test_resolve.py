"""gen-net resolve: names, platforms, mirrors, TLS."""
import json
import os
import subprocess

import case
import harness
from harness import sha


class Resolve(case.Case):
    def test_by_tag_and_by_digest(self):
        img, host = case.image(), case.origin().host
        for name in ('%s/test/app' % host, '%s/test/app:latest' % host, '%s/test/app@%s' % (host, img.digest)):
            got = self.client.resolve(name)
            self.assertEqual(img.digest, got['manifest'])
            self.assertEqual(img.config.decode(), got['config'])
            self.assertEqual(host + '/test/app', got['source'])
            self.assertEqual([{'diff_id': d, 'blob': sha(b), 'size': len(b), 'media_type': harness.LAYER}
                              for b, d in img.layers], got['layers'])

    def test_errors_are_one_line(self):
        host = case.origin().host
        case.image()
        nobody = harness.free_port()
        zero = 'sha256:' + '0' * 64
        for name, message in (
                (host + '/test/nosuch', host + '/test/nosuch:latest: not found'),
                (host + '/test/app:nosuch', host + '/test/app:nosuch: not found'),
                ('%s/test/app@%s' % (host, zero), '%s/test/app@%s: not found' % (host, zero)),
                ('127.0.0.1:%d/x' % nobody, '127.0.0.1:{0}/x:latest: cannot reach 127.0.0.1:{0}: connection refused'.format(nobody)),
                ('nosuch.invalid/x', 'nosuch.invalid/x:latest: cannot reach nosuch.invalid: the host name is not known'),
                ('Upper', 'invalid image reference "Upper": the repository name must be lower case')):
            self.assertEqual('gen-net: ' + message, self.client.resolve(name))

    def test_index_is_walked_by_platform(self):
        host = case.origin().host
        images = [harness.Image('multi%d' % i, (1000,), a, v).upload(host, 'test/multi', 'p%d' % i)
                  for i, (a, v) in enumerate((('amd64', ''), ('arm64', ''), ('arm', 'v6')))]
        entries = []
        for img in images:
            config = json.loads(img.config)
            platform = {k: config[k] for k in ('architecture', 'os', 'variant') if k in config}
            entries.append(dict(img.descriptor(img.manifest, harness.MANIFEST), platform=platform))
        entries.insert(0, dict(entries[0], platform={'architecture': 'unknown', 'os': 'unknown'}))
        harness.put_manifest(host, 'test/multi', 'latest', json.dumps(
            {'schemaVersion': 2, 'mediaType': harness.INDEX, 'manifests': entries}).encode(), harness.INDEX)
        name = host + '/test/multi'
        for platform, expected in (('linux/amd64', 0), ('linux/arm64', 1), ('linux/arm64/v8', 1), ('linux/arm/v7', 2)):
            self.assertEqual(images[expected].digest, self.client.resolve('--platform', platform, name)['manifest'])
        self.assertEqual('gen-net: %s:latest: no image for linux/s390x (it has linux/amd64, linux/arm64, linux/arm/v6)' % name,
                         self.client.resolve('--platform', 'linux/s390x', name))

    def test_wrong_bytes_are_refused(self):
        img = case.image()

        def lie(handler, body):
            if '/manifests/' not in handler.path:
                return False
            handler.reply(200, [('Content-Type', harness.MANIFEST)], img.manifest.replace(b'"size"', b'"size" '))
            return True
        host = self.front(lie).host
        text = self.client.resolve('%s/test/app@%s' % (host, img.digest))
        self.assertRegex(text, '^gen-net: .*: wrong digest: asked for %s, got sha256:[0-9a-f]{64}$' % img.digest)

    def test_artifacts_are_no_images(self):
        host = case.origin().host
        img = harness.Image('artifact', (10,)).upload(host, 'test/artifact', 'x')
        manifest = json.loads(img.manifest)
        manifest['layers'][0]['mediaType'] = 'application/vnd.in-toto+json'
        harness.put_manifest(host, 'test/artifact', 'latest', json.dumps(manifest).encode(), harness.MANIFEST)
        self.assertEqual('gen-net: %s/test/artifact:latest: not a container image (layer of type application/vnd.in-toto+json)' % host,
                         self.client.resolve(host + '/test/artifact'))

    def test_busy_registry_is_asked_again(self):
        img, refusals = case.image(), []

        def busy(handler, body):
            if '/manifests/' not in handler.path or len(refusals) >= 3:
                return False
            refusals.append(1)
            headers = [('Retry-After', '0')]
            if len(refusals) == 2:
                handler.hang_up()
            else:
                handler.error(503 if len(refusals) == 1 else 429, 'BUSY', 'come back', headers)
            return True
        front = self.front(busy)
        self.assertEqual(img.digest, self.client.resolve(front.host + '/test/app')['manifest'])
        self.assertEqual(3, len(refusals))

    def test_limit_is_reported_in_the_registrys_words(self):
        def limit(handler, body):
            handler.error(429, 'TOOMANYREQUESTS', 'You have reached your limit', [('Retry-After', '0')])
            return True
        host = self.front(limit).host
        self.assertEqual('gen-net: {0}/a:latest: {0} limits the number of requests: You have reached your limit'.format(host),
                         self.client.resolve(host + '/a'))


class RegistriesConf(case.Case):
    def test_rewrite_of_docker_hub(self):
        img = case.image()
        self.client.registries('[[registry]]\nprefix = "docker.io/library"\nlocation = "%s/test"\n' % case.origin().host)
        got = self.client.resolve('app')
        self.assertEqual((img.digest, 'docker.io/library/app:latest', 'docker.io/library/app'),
                         (got['manifest'], got['reference'], got['source']))

    def test_mirrors_in_order_with_fall_back(self):
        img, empty = case.image(), self.front(lambda h, b: h.error(404, 'NAME_UNKNOWN', 'no') or True)
        good = self.front()
        self.client.registries('''
[[registry]]
location = "primary.invalid"
[[registry.mirror]]
location = "127.0.0.1:%d"
[[registry.mirror]]
location = "%s/other"
[[registry.mirror]]
location = "%s"
''' % (harness.free_port(), empty.host, good.host))
        self.assertEqual(img.digest, self.client.resolve('primary.invalid/test/app')['manifest'])
        self.assertTrue(empty.seen('GET', '/v2/other/test/app/manifests/latest'))
        self.assertTrue(good.seen('GET', '/v2/test/app/manifests/latest', 200))
        self.assertRegex(self.client.resolve('primary.invalid/test/gone'),
                         r'^gen-net: primary.invalid/test/gone:latest: cannot reach primary.invalid: the host name is not known '
                         r'\(mirrors failed too: 127.0.0.1:\d+/test/gone: cannot reach .*: connection refused; '
                         r'.*/other/test/gone: not found; .*/test/gone: not found\)$')

    def test_mirror_by_digest_only(self):
        img, mirror = case.image(), self.front()
        self.client.registries('[[registry]]\nprefix = "a.invalid"\nlocation = "%s"\nmirror-by-digest-only = true\n'
                               '[[registry.mirror]]\nlocation = "%s"\n' % (case.origin().host, mirror.host))
        self.assertEqual(img.digest, self.client.resolve('a.invalid/test/app')['manifest'])
        self.assertFalse(mirror.log)
        self.assertEqual(img.digest, self.client.resolve('a.invalid/test/app@' + img.digest)['manifest'])
        self.assertTrue(mirror.log)

    def test_blocked(self):
        self.client.registries('[[registry]]\nprefix = "*.invalid"\nblocked = true\n')
        self.assertEqual('gen-net: a.invalid/b:latest: blocked by registries.conf (prefix "*.invalid")',
                         self.client.resolve('a.invalid/b'))

    def test_faults_have_a_place(self):
        self.client.registries('[[registry]]\nlocation = 1\n')
        self.assertEqual('gen-net: {0}:2:12: error: `location` must be a string\n  location = 1\n             ^'.format(
            self.client.env['CONTAINERS_REGISTRIES_CONF']), self.client.resolve('a'))

    def test_option_instead_of_environment(self):
        path = self.directory + '/other.conf'
        with open(path, 'w') as f:
            f.write('[[registry]]\nprefix = "docker.io/library"\nlocation = "%s/test"\n' % case.origin().host)
        self.client.registries('nonsense')
        self.assertEqual(case.image().digest, self.client.resolve('--registries-conf', path, 'app')['manifest'])


class Tls(case.Case):
    """A registry behind nginx under a name that is not this machine's: certificates are verified there."""
    NAME = 'registry.test'

    def setUp(self):
        super().setUp()
        case.image()
        self.front_dir = case.scratch() + '/tls'
        self.tls = case.shared('tls', lambda: harness.tls_front(self.front_dir, case.origin().host, self.NAME))
        with open(self.directory + '/hosts', 'w') as f:
            f.write('127.0.0.1 localhost %s plain.test\n' % self.NAME)
        self.client.prefix = ['unshare', '--mount', 'sh', '-c', 'mount --bind "$0" /etc/hosts && exec "$@"',
                              self.directory + '/hosts']
        self.name = '%s:%d/test/app' % (self.NAME, self.tls.port)

    def test_unknown_authority_is_refused(self):
        self.assertRegex(self.client.resolve(self.name), r'^gen-net: {0}:latest: cannot reach {1} over TLS: .*certificate.* '
                         r'\(insecure = true in registries.conf allows plain http and unverified certificates\)$'
                         .format(self.name, self.name.split('/')[0]))

    def test_authority_by_environment(self):
        self.client.env['SSL_CERT_FILE'] = self.front_dir + '/ca.crt'
        self.assertEqual(case.image().digest, self.client.resolve(self.name)['manifest'])

    def test_authority_in_certs_d(self):
        directory = '%s/home/.config/containers/certs.d/%s:%d' % (self.directory, self.NAME, self.tls.port)
        os.makedirs(directory)
        os.link(self.front_dir + '/ca.crt', directory + '/ca.crt')
        self.assertEqual(case.image().digest, self.client.resolve(self.name)['manifest'])

    def test_insecure_does_not_verify(self):
        self.client.registries('[[registry]]\nlocation = "%s"\ninsecure = true\n' % self.NAME)
        self.assertEqual(case.image().digest, self.client.resolve(self.name)['manifest'])

    def test_plain_http_only_if_insecure(self):
        name = 'plain.test:%d/test/app' % case.origin().port
        self.assertIn('over TLS', self.client.resolve(name))
        self.client.registries('[[registry]]\nlocation = "plain.test"\ninsecure = true\n')
        self.assertEqual(case.image().digest, self.client.resolve(name)['manifest'])

    def test_proxy_of_the_environment(self):
        proxy = self.front()
        self.client.registries('[[registry]]\nlocation = "far.invalid:%d"\ninsecure = true\n' % case.origin().port)
        self.client.env['HTTP_PROXY'] = 'http://' + proxy.host
        name = 'far.invalid:%d/test/app' % case.origin().port
        self.assertEqual(case.image().digest, self.client.resolve(name)['manifest'])
        self.assertTrue(proxy.seen('GET', 'http://far.invalid'))
        proxy.log.clear()
        self.client.resolve(case.origin().host + '/test/app')
        self.assertFalse(proxy.log, 'loopback needs no proxy')


class Local(case.Case):
    def test_layouts_and_archives(self):
        img, source = case.image(), 'docker://%s/test/app' % case.origin().host
        for target, name in (('oci:%s/layout:v1', 'oci-layout:%s/layout:v1'), (None, 'oci-layout:%s/layout'),
                             ('oci-archive:%s/oci.tar', 'oci-archive:%s/oci.tar'),
                             ('docker-archive:%s/docker.tar:a/b:v2', 'docker-archive:%s/docker.tar'),
                             (None, 'archive:%s/docker.tar:a/b:v2')):
            if target:
                subprocess.run(['skopeo', 'copy', '-q', '--src-tls-verify=false', source, target % self.directory], check=True)
            got = self.client.resolve(name % self.directory)
            self.assertIsInstance(got, dict, got)
            self.assertEqual([d for _, d in img.layers], [layer['diff_id'] for layer in got['layers']])
            if 'docker' not in name:
                self.assertEqual(img.digest, got['manifest'])
                self.assertEqual(img.config.decode(), got['config'])
        self.assertEqual('gen-net: oci-layout:{0}/layout:v9: no image called v9 (it has v1)'.format(self.directory),
                         self.client.resolve('oci-layout:%s/layout:v9' % self.directory))
        self.assertEqual('gen-net: archive:/nowhere.tar: /nowhere.tar does not exist', self.client.resolve('archive:/nowhere.tar'))
