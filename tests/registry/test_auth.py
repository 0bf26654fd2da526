"""Basic and bearer authentication, and where credentials come from."""
import base64
import json
import os
import urllib.parse

import case
import harness
from harness import PASSWORD, USER


class Basic(case.Case):
    def setUp(self):
        super().setUp()
        self.registry = case.shared('basic', lambda: harness.registry(case.scratch() + '/basic', htpasswd=True))
        self.name = self.registry.host + '/test/nosuch'

    def test_without_credentials(self):
        self.assertEqual('gen-net: {0}:latest: access denied by {1}: authentication required (it does not exist, or needs a '
                         'login: no credentials for this registry were found)'.format(self.name, self.registry.host),
                         self.client.resolve(self.name))

    def test_wrong_password(self):
        self.client.login(auths={self.registry.host: {'auth': harness.auth(password='wrong')}})
        self.assertEqual('gen-net: {0}:latest: access denied by {1}: authentication required'.format(self.name, self.registry.host),
                         self.client.resolve(self.name))

    def test_docker_config_and_auth_json(self):
        missing = 'gen-net: %s:latest: not found' % self.name  # we were let in
        entry = {'auths': {self.registry.host: {'auth': harness.auth()}}}
        self.client.login(**entry)
        self.assertEqual(missing, self.client.resolve(self.name))
        self.client.login()
        os.makedirs(self.directory + '/home/run/containers')
        with open(self.directory + '/home/run/containers/auth.json', 'w') as f:
            json.dump(entry, f)
        self.assertEqual(missing, self.client.resolve(self.name))

    def helper(self, name, body):
        path = '%s/bin/docker-credential-%s' % (self.directory, name)
        with open(path, 'w') as f:
            f.write('#!/bin/sh\n%s\n' % body)
        os.chmod(path, 0o755)

    def test_credential_helper(self):
        self.helper('mine', 'read s; [ "$1 $s" = "get %s" ] || exit 1; echo \'{"Username":"%s","Secret":"%s"}\'' %
                    (self.registry.host, USER, PASSWORD))
        self.client.login(credHelpers={self.registry.host: 'mine'})
        self.assertEqual('gen-net: %s:latest: not found' % self.name, self.client.resolve(self.name))
        self.client.login(credsStore='mine')
        self.assertEqual('gen-net: %s:latest: not found' % self.name, self.client.resolve(self.name))

    def test_failing_helper_leaves_us_anonymous(self):
        self.helper('broken', 'echo the keyring is locked; exit 1')
        self.client.login(credsStore='broken')
        img, host = case.image(), case.origin().host
        status, out, err = self.client.run('resolve', host + '/test/app')
        self.assertEqual((0, img.digest), (status, json.loads(out)['manifest']))
        self.assertEqual('gen-net: warning: docker-credential-broken failed (the keyring is locked); going on without it', err)


class Bearer(case.Case):
    """A front that wants tokens, and a token server beside it. tokens: token -> set of scopes."""

    def setUp(self):
        super().setUp()
        self.img = case.image()
        self.tokens, self.uses, self.lifetime = {}, {}, 10 ** 6
        self.public, self.asked = True, []
        self.token_server = self.front(self.give_token)
        self.registry = self.front(self.check_token)
        self.name = self.registry.host + '/test/app'

    def give_token(self, handler, body):
        url = urllib.parse.urlsplit(handler.path)
        form = urllib.parse.parse_qs(body.decode() if body else url.query)
        basic = handler.headers.get('Authorization', '')
        known = basic == 'Basic ' + harness.auth() or form.get('refresh_token') == ['refresh-me']
        self.asked.append((handler.command, form, basic))
        if basic and not known:
            handler.reply(401, [], b'{"details":"incorrect username or password"}')
            return True
        scopes = set(' '.join(form.get('scope', [])).split()) if known or self.public else set()
        token = 'token-%d' % len(self.tokens)
        self.tokens[token], self.uses[token] = scopes, 0
        key = 'access_token' if handler.command == 'POST' else 'token'
        handler.reply(200, [], json.dumps({key: token}).encode())
        return True

    def check_token(self, handler, body):
        token = handler.headers.get('Authorization', '').removeprefix('Bearer ')
        repository = handler.path.removeprefix('/v2/').split('/blobs/')[0].split('/manifests/')[0]
        need = ''
        if repository:
            need = 'repository:%s:%s' % (repository, 'pull' if handler.command in ('GET', 'HEAD') else 'pull,push')
        scopes = self.tokens.get(token, set())
        allowed = token in self.tokens and self.uses[token] < self.lifetime and (
            not need or need in scopes or need.replace(':pull', ':pull,push') in scopes)
        if allowed:
            self.uses[token] += 1
            return False
        challenge = 'Bearer realm="http://%s/token?a=b",service="test"%s' % (
            self.token_server.host, ',scope="%s",error="insufficient_scope"' % need if need else '')
        handler.error(401, 'UNAUTHORIZED', 'authentication required', [('WWW-Authenticate', challenge)])
        return True

    def test_anonymous_token(self):
        self.assertEqual(self.img.digest, self.client.resolve(self.name)['manifest'])
        self.assertEqual([('GET', {'a': ['b'], 'service': ['test'], 'scope': ['repository:test/app:pull']}, '')], self.asked)

    def test_token_for_a_user(self):
        self.public = False
        self.assertIn('access denied by', self.client.resolve(self.name))
        self.client.login(auths={self.registry.host: {'auth': harness.auth()}})
        self.assertEqual(self.img.digest, self.client.resolve(self.name)['manifest'])
        self.assertEqual([USER], self.asked[-1][1]['account'])

    def test_wrong_password(self):
        self.client.login(auths={self.registry.host: {'auth': harness.auth(password='wrong')}})
        self.assertEqual('gen-net: {0}:latest: access denied: {1} gives no token to user ann: incorrect username or password'
                         .format(self.name, self.registry.host), self.client.resolve(self.name))

    def test_identity_token(self):
        self.public = False
        self.client.login(auths={self.registry.host: {'auth': base64.b64encode(b'<token>:').decode(),
                                                      'identitytoken': 'refresh-me'}})
        self.assertEqual(self.img.digest, self.client.resolve(self.name)['manifest'])
        method, form, basic = self.asked[-1]
        self.assertEqual(('POST', ['refresh_token'], ''), (method, form['grant_type'], basic))

    def test_expired_token_is_replaced(self):
        self.lifetime = 1
        self.assertEqual(self.img.digest, self.client.resolve(self.name)['manifest'])
        self.assertPulled(self.client.pull(self.name, self.img), self.img)

    def test_redirect_gets_no_authorization(self):
        blobs = self.front()
        check = self.check_token

        def redirect(handler, body):
            if check(handler, body):
                return True
            if '/blobs/sha256' not in handler.path:
                return False
            handler.reply(307, [('Location', 'http://%s%s?signature=x' % (blobs.host, handler.path))])
            return True
        self.registry.hook = redirect
        self.assertPulled(self.client.pull(self.name, self.img), self.img)
        served = blobs.seen('GET', '/blobs/')
        self.assertEqual([200], [entry[3] for entry in served])
        self.assertNotIn('Authorization', served[0][2])

    def test_push_asks_for_push_and_for_the_mounts_source(self):
        self.assertPulled(self.client.pull(self.name, self.img), self.img)
        self.assertPulled(self.client.pull(self.name, self.img, 1), self.img, 1)
        target = self.registry.host + '/test/bearer-push'
        status, out, err = self.client.push(self.img, target + ':v1')
        self.assertEqual((0, ''), (status, err))
        self.assertEqual('pushed %s:v1@%s (1 blobs sent, 2 mounted, 0 present)' % (target, self.img.digest), out)
        scopes = {scope for _, form, _ in self.asked for scope in form['scope']}
        self.assertEqual({'repository:test/app:pull', 'repository:test/bearer-push:pull,push'}, scopes)

    def test_foreign_realm_gets_no_secrets(self):
        """A registry elsewhere must not make us ask this machine's services, nor anybody in the clear."""
        with open(self.directory + '/hosts', 'w') as f:
            f.write('127.0.0.1 localhost far.test\n')
        self.client.prefix = ['unshare', '--mount', 'sh', '-c', 'mount --bind "$0" /etc/hosts && exec "$@"',
                              self.directory + '/hosts']
        self.client.registries('[[registry]]\nlocation = "far.test"\ninsecure = true\n')
        self.assertIn('which is refused', self.client.resolve('far.test:%d/test/app' % self.registry.port))
        self.assertFalse(self.asked)
