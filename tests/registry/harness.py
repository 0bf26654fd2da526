"""Registries for tests, all on the loopback interface: Debian's docker-registry, fronts that misbehave on request,
and the two halves of gen-net. Everything lives in one temporary directory."""
import base64
import gzip
import hashlib
import http.client
import http.server
import io
import json
import os
import random
import shutil
import signal
import socket
import struct
import subprocess
import tarfile
import threading
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
GEN_NET = os.environ.get('KASANE_GEN_NET') or os.path.join(
    os.path.dirname(os.environ.get('KASANE_GEN') or TOP + '/bazel-bin/generator/gen'), 'gen-net')
USER, PASSWORD = 'ann', 'secret'
HTPASSWD = USER + ':$2b$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n'
MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
INDEX = 'application/vnd.oci.image.index.v1+json'
CONFIG = 'application/vnd.oci.image.config.v1+json'
LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip'


def sha(data):
    return 'sha256:' + hashlib.sha256(data).hexdigest()


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def wait_for(condition, what, seconds=20):
    end = time.time() + seconds
    while not condition():
        if time.time() > end:
            raise RuntimeError('no %s after %d s' % (what, seconds))
        time.sleep(0.02)


def listens(port):
    with socket.socket() as s:
        return s.connect_ex(('127.0.0.1', port)) == 0


def auth(user=USER, password=PASSWORD):
    return base64.b64encode(('%s:%s' % (user, password)).encode()).decode()


class Process:
    """A server of another project, on a port of its own."""

    def __init__(self, argv, port, log):
        self.port, self.host = port, '127.0.0.1:%d' % port
        with open(log, 'wb') as out:
            self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
        wait_for(lambda: listens(port), argv[0])

    def stop(self):
        self.process.terminate()
        self.process.wait()


def registry(directory, htpasswd=False):
    port = free_port()
    os.makedirs(directory, exist_ok=True)
    lines = ['version: 0.1', 'log: {level: error, accesslog: {disabled: true}}',
             'storage: {filesystem: {rootdirectory: %s/data}, delete: {enabled: true}}' % directory,
             'http: {addr: 127.0.0.1:%d}' % port]
    if htpasswd:
        with open(directory + '/htpasswd', 'w') as f:
            f.write(HTPASSWD)
        lines.append('auth: {htpasswd: {realm: test, path: %s/htpasswd}}' % directory)
    with open(directory + '/config.yml', 'w') as f:
        f.write('\n'.join(lines) + '\n')
    return Process(['docker-registry', 'serve', directory + '/config.yml'], port, directory + '/log')


def tls_front(directory, upstream, name):
    """nginx speaking TLS for `name`, with a certificate of a CA of its own: directory/ca.crt."""
    os.makedirs(directory, exist_ok=True)
    port = free_port()

    def openssl(*words):
        subprocess.run(('openssl',) + words, cwd=directory, check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
    openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=test CA', '-keyout', 'ca.key',
            '-out', 'ca.crt')
    openssl('req', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=' + name, '-keyout', 'server.key', '-out', 'server.csr')
    with open(directory + '/ext', 'w') as f:
        f.write('subjectAltName=DNS:%s\n' % name)
    openssl('x509', '-req', '-in', 'server.csr', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '30',
            '-extfile', 'ext', '-out', 'server.crt')
    temp = ''.join('%s_temp_path %s/t; ' % (k, directory) for k in ('client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'))
    with open(directory + '/nginx.conf', 'w') as f:
        f.write('daemon off; master_process off; pid %s/pid; error_log %s/error.log;\n' % (directory, directory) +
                'events {}\nhttp { access_log off; %s client_max_body_size 0;\n' % temp +
                'server { listen 127.0.0.1:%d ssl; server_name %s; ssl_certificate %s/server.crt;\n' %
                (port, name, directory) +
                'ssl_certificate_key %s/server.key; location / { proxy_pass http://%s; proxy_set_header Host $http_host;\n'
                % (directory, upstream) + 'proxy_set_header X-Forwarded-Proto https; } } }\n')
    return Process(['nginx', '-c', directory + '/nginx.conf'], port, directory + '/log')


class Front:
    """A proxy before a registry that keeps a log and does what its `hook` says.

    hook(handler, body) -> True if it has answered. log: (method, path, headers, status)."""

    def __init__(self, upstream, hook=None):
        front = self
        self.upstream, self.hook, self.log = upstream, hook, []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'
            timeout = 30

            def log_message(self, *_):
                pass

            def reply(self, status, headers=(), body=b'', cut=None):
                """`cut`: break the connection after that many bytes of the body."""
                front.log.append((self.command, self.path, dict(self.headers), status))
                self.send_response(status)
                for k, v in headers:
                    self.send_header(k, v)
                if 'content-length' not in (k.lower() for k, _ in headers):
                    self.send_header('Content-Length', str(len(body)))
                self.end_headers()
                if self.command == 'HEAD':
                    return
                self.wfile.write(body if cut is None else body[:cut])
                if cut is not None and cut < len(body):
                    self.wfile.flush()
                    self.connection.shutdown(socket.SHUT_RDWR)
                    self.close_connection = True

            def hang_up(self):
                front.log.append((self.command, self.path, dict(self.headers), 0))
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True

            def error(self, status, code, message, headers=()):
                text = json.dumps({'errors': [{'code': code, 'message': message}]}).encode()
                self.reply(status, tuple(headers) + (('Content-Type', 'application/json'),), text)

            def ask(self, body):
                """(status, headers, body) of the registry."""
                connection = http.client.HTTPConnection(front.upstream, timeout=30)
                path = self.path
                if path.startswith('http://'):
                    path = '/' + path.split('/', 3)[3]
                headers = {k: v for k, v in self.headers.items() if k.lower() not in ('authorization', 'connection')}
                connection.request(self.command, path, body, headers)
                answer = connection.getresponse()
                data = answer.read()
                connection.close()
                skip = ('connection', 'transfer-encoding')
                return answer.status, [(k, v) for k, v in answer.getheaders() if k.lower() not in skip], data

            def handle_one(self):
                body = self.rfile.read(int(self.headers.get('Content-Length') or 0))
                if front.hook and front.hook(self, body):
                    return
                self.reply(*self.ask(body))

            do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = handle_one

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):  # clients that hang up are part of the tests
                pass

        self.server = Server(('127.0.0.1', 0), Handler)
        self.port = self.server.server_address[1]
        self.host = '127.0.0.1:%d' % self.port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def seen(self, method=None, part='', status=None):
        return [e for e in self.log if (method in (None, e[0])) and part in e[1] and status in (None, e[3])]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Image:
    """An image of pseudo-random layers. layers: list of (blob, diff_id)."""

    def __init__(self, seed, sizes, architecture='amd64', variant=''):
        chance = random.Random(seed)
        self.layers = []
        for i, size in enumerate(sizes):
            tar = io.BytesIO()
            with tarfile.open(fileobj=tar, mode='w') as archive:
                info = tarfile.TarInfo('data-%s-%d' % (seed, i))
                info.size = size
                archive.addfile(info, io.BytesIO(chance.randbytes(size)))
            self.layers.append((gzip.compress(tar.getvalue(), 1, mtime=0), sha(tar.getvalue())))
        config = {'architecture': architecture, 'os': 'linux', 'config': {'Env': ['PATH=/bin']},
                  'rootfs': {'type': 'layers', 'diff_ids': [d for _, d in self.layers]}}
        if variant:
            config['variant'] = variant
        self.config = json.dumps(config).encode()
        self.manifest = json.dumps({
            'schemaVersion': 2, 'mediaType': MANIFEST, 'config': self.descriptor(self.config, CONFIG),
            'layers': [self.descriptor(b, LAYER) for b, _ in self.layers]}).encode()
        self.digest = sha(self.manifest)

    @staticmethod
    def descriptor(data, media_type):
        return {'mediaType': media_type, 'digest': sha(data), 'size': len(data)}

    def upload(self, host, repository, tag):
        for blob in [b for b, _ in self.layers] + [self.config]:
            status, headers, _ = call(host, 'POST', '/v2/%s/blobs/uploads/' % repository)
            assert status == 202, status
            location = headers['Location'].split('/', 3)[3]
            status, _, text = call(host, 'PUT', '/%s&digest=%s' % (location, sha(blob)), blob,
                                   {'Content-Type': 'application/octet-stream'})
            assert status == 201, text
        put_manifest(host, repository, tag, self.manifest, MANIFEST)
        return self


def put_manifest(host, repository, tag, data, media_type):
    status, _, text = call(host, 'PUT', '/v2/%s/manifests/%s' % (repository, tag), data, {'Content-Type': media_type})
    assert status == 201, text


def call(host, method, path, body=None, headers=None):
    connection = http.client.HTTPConnection(host, timeout=30)
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    return answer.status, answer.headers, data


class Client:
    """gen-net with a home, a store and a state directory of its own."""

    def __init__(self, directory):
        self.directory = directory
        for name in ('home/.docker', 'store', 'state', 'bin'):
            os.makedirs(os.path.join(directory, name), exist_ok=True)
        self.store = directory + '/store/s'
        keep = {k: v for k, v in os.environ.items() if not k.lower().endswith('_proxy')}
        self.env = dict(keep, HOME=directory + '/home', XDG_RUNTIME_DIR=directory + '/home/run',
                        KASANE_STORE=self.store, PATH=directory + '/bin:' + os.environ['PATH'])
        for name in ('DOCKER_CONFIG', 'REGISTRY_AUTH_FILE', 'XDG_CONFIG_HOME', 'SSL_CERT_FILE'):
            self.env.pop(name, None)
        self.registries('')
        self.prefix = []

    def registries(self, text):
        path = self.directory + '/registries.conf'
        with open(path, 'w') as f:
            f.write(text)
        self.env['CONTAINERS_REGISTRIES_CONF'] = path

    def login(self, **config):
        with open(self.directory + '/home/.docker/config.json', 'w') as f:
            json.dump(config, f)

    def start(self, *words):
        return subprocess.Popen(self.prefix + [GEN_NET] + list(words), env=self.env, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.directory)

    def run(self, *words):
        """(exit code, stdout, stderr), texts stripped."""
        process = self.start(*words)
        out, err = process.communicate(timeout=120)
        return process.returncode, out.decode().strip(), err.decode().strip()

    def resolve(self, *words):
        status, out, err = self.run('resolve', *words)
        if status:
            assert status == 1 and not out, (status, out)
            return err
        return json.loads(out)

    def step_words(self, kind, spec, sources=()):
        """Writes .kasane/specs with this one spec; the words that run it."""
        text = json.dumps(dict({'format': 1, 'kind': kind}, **spec), separators=(',', ':')).encode()
        digest = hashlib.sha256(text)
        with open(self.directory + '/state/specs.%s' % digest.hexdigest()[:8], 'wb') as f:
            f.write(b'KSNS\x01\0\0\0' + struct.pack('<Q', 1) + digest.digest() +
                    struct.pack('<QQ', 64, len(text)) + text)
        state = self.directory + '/state-' + digest.hexdigest()[:8]
        os.makedirs(state, exist_ok=True)
        shutil.move(f.name, state + '/specs')
        words = ['step', '--dir', state]
        if sources:
            words += ['--source'] + list(sources)
        return words + ['--', digest.hexdigest(), self.record(kind)]

    def record(self, kind):
        return '%s/%s.json' % (self.directory, kind)

    def pull_words(self, source, image, index=0, **changes):
        blob, diff_id = image.layers[index]
        spec = {'source': source, 'blob': sha(blob), 'size': len(blob), 'media_type': LAYER, 'diff_id': diff_id}
        spec.update(changes)
        return self.step_words('pull', spec)

    def pull(self, source, image, index=0, **changes):
        return self.run(*self.pull_words(source, image, index, **changes))

    def push(self, image, *names):
        """Pushes an image whose layers were pulled."""
        for data in (image.config, image.manifest):
            path = '%s/blobs/sha256/%s/%s' % (self.store, sha(data)[7:9], sha(data)[7:])
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, 'wb') as f:
                f.write(data)
        record = self.record('image')
        with open(record, 'w') as f:
            json.dump({'version': 1, 'kind': 'image', 'manifest': image.digest, 'manifest_size': len(image.manifest),
                       'manifest_media_type': MANIFEST, 'config': sha(image.config)}, f)
        return self.run(*self.step_words('push', {'names': list(names)}, [record]))

    def blobs(self):
        return {name for _, _, names in os.walk(self.store + '/blobs') for name in names}

    def scratch(self):
        """What is left in the store's scratch directory."""
        return os.listdir(self.store + '/tmp') if os.path.isdir(self.store + '/tmp') else []
