#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""TLS and proxies: ivs-token against servers of Python's ssl module, with
certificates of the openssl command. Whatever is wrong with the connection, no
request leaves, nothing falls back to plain HTTP, and a message says why."""

import os
import select
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest

PROGRAM = os.path.join(os.environ['IVS_BUILD_DIR'], 'bin', 'ivs-token')
GET = ('GetChannel', '{"arn":"arn:aws:ivs:us-west-2:123456789012:channel/a"}')
# Answered with an object or with nothing.
DELETE = ('DeletePlaybackKeyPair',
          '{"arn":"arn:aws:ivs:us-west-2:123456789012:playback-key/a"}')
SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
KEPT = ('PATH', 'LD_LIBRARY_PATH', 'TMPDIR', 'ASAN_OPTIONS', 'UBSAN_OPTIONS',
        'LSAN_OPTIONS', 'TSAN_OPTIONS', 'LLVM_PROFILE_FILE')
folder = tempfile.TemporaryDirectory()


def path(name):
    return os.path.join(folder.name, name)


def openssl(*arguments):
    subprocess.run(['openssl', *arguments], check=True, cwd=folder.name,
                   stdin=subprocess.DEVNULL, capture_output=True)


def make_authority(name):
    openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt',
            'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj',
            f'/CN={name}', '-keyout', f'{name}.key', '-out', f'{name}.pem')


def make_certificate(name, alternative, start='20200101000000Z',
                     end='20991231235959Z'):
    """One of `authority` for the names, from and to these times."""
    openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
            '-nodes', '-subj', f'/CN={name}', '-keyout', f'{name}.key',
            '-out', f'{name}.csr')
    with open(path(f'{name}.cnf'), 'w', encoding='ascii') as config:
        config.write('[ca]\ndefault_ca = a\n[a]\ndatabase = index\n'
                     'new_certs_dir = .\nserial = serial\n'
                     'default_md = sha256\npolicy = p\nunique_subject = no\n'
                     'rand_serial = yes\n[p]\ncommonName = supplied\n'
                     f'[e]\nsubjectAltName = {alternative}\n')
    with open(path('index'), 'a', encoding='ascii'):
        pass
    openssl('ca', '-batch', '-config', f'{name}.cnf', '-cert',
            'authority.pem', '-keyfile', 'authority.key', '-extensions', 'e',
            '-startdate', start, '-enddate', end, '-notext', '-in',
            f'{name}.csr', '-out', f'{name}.pem')


def setUpModule():
    local = 'DNS:localhost,IP:127.0.0.1,IP:::1'
    make_authority('authority')
    make_authority('self-signed')
    make_certificate('good', local)
    make_certificate('expired', local, end='20210101000000Z')
    make_certificate('not-yet', local, start='20980101000000Z')
    make_certificate('wrong-host', 'DNS:ivs.us-west-2.amazonaws.com')


def tearDownModule():
    folder.cleanup()


class Server:
    """Accepts connections until it is stopped; a subclass serves each."""

    def __init__(self, family=socket.AF_INET, address='127.0.0.1'):
        self.listener = socket.socket(family, socket.SOCK_STREAM)
        self.listener.bind((address, 0))
        self.listener.listen(16)
        self.port = self.listener.getsockname()[1]
        self.connections = 0
        self.requests = []
        self.stopping = False
        self.threads = [threading.Thread(target=self.accept)]
        self.threads[0].start()

    def accept(self):
        while not self.stopping:
            if not select.select([self.listener], [], [], 0.05)[0]:
                continue
            connection, _ = self.listener.accept()
            connection.settimeout(20)
            self.connections += 1
            thread = threading.Thread(target=self.guard, args=[connection])
            self.threads.append(thread)
            thread.start()

    def guard(self, connection):
        with connection:
            try:
                self.serve(connection)
            except OSError:
                pass  # the client goes away, which is its right

    def stop(self):
        self.stopping = True
        self.threads[0].join()
        for thread in self.threads:
            thread.join()
        self.listener.close()

    def __enter__(self):
        return self

    def __exit__(self, *ignored):
        self.stop()


def read_head(connection):
    data = b''
    while b'\r\n\r\n' not in data:
        more = connection.recv(4096)
        if not more:
            break
        data += more
    return data


class Tls(Server):
    """An endpoint of the service, with a certificate."""

    def __init__(self, certificate, *where, old=False):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(path(f'{certificate}.pem'),
                                     path(f'{certificate}.key'))
        if old:
            self.context.set_ciphers('ALL:@SECLEVEL=0')
            self.context.minimum_version = ssl.TLSVersion.TLSv1
            self.context.maximum_version = ssl.TLSVersion.TLSv1_1
        super().__init__(*where)

    def serve(self, connection):
        with self.context.wrap_socket(connection, server_side=True) as tls:
            head = read_head(tls)
            if not head:
                return
            self.requests.append(head)
            tls.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 14\r\n'
                        b'Connection: close\r\n\r\n{"channel":{}}')
            tls.unwrap()


def frame(kind, flags, payload=b'', stream=1):
    """RFC 9113 section 4.1."""
    return (len(payload).to_bytes(3, 'big') + bytes([kind, flags])
            + stream.to_bytes(4, 'big') + payload)


DATA, HEADERS, RST_STREAM, SETTINGS, GOAWAY = 0, 1, 3, 4, 7
END_STREAM, END_HEADERS = 1, 4
STATUS_200, STATUS_204 = b'\x88', b'\x89'  # RFC 7541 appendix A


class Frames(Server):
    """An endpoint that speaks HTTP/2 and answers with these frames."""

    def __init__(self, *frames, close):
        self.close = close
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(path('good.pem'), path('good.key'))
        self.context.set_alpn_protocols(['h2'])
        self.answer = b''.join(frames)
        super().__init__()

    def serve(self, connection):
        with self.context.wrap_socket(connection, server_side=True) as tls:
            stream = tls.makefile('rb')
            if stream.read(24) != b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n':
                return
            tls.sendall(frame(SETTINGS, 0, stream=0))
            kind, flags = None, 0
            while kind not in (HEADERS, DATA) or not flags & END_STREAM:
                head = stream.read(9)
                if len(head) < 9:
                    return
                kind, flags = head[3], head[4]
                stream.read(int.from_bytes(head[:3], 'big'))
            self.requests.append(b'h2')
            tls.sendall(self.answer)
            while not self.close and stream.read(1):
                pass  # until the client goes away


class Truncated(Server):
    """Breaks off within its part of the handshake, or says something else."""

    def __init__(self, answer=b'\x16\x03\x03\x00\x7a\x02\x00'):
        self.answer = answer
        super().__init__()

    def serve(self, connection):
        self.requests.append(connection.recv(4096))
        connection.sendall(self.answer)


class Proxy(Server):
    """A tunnel to anywhere, or a refusal."""

    def __init__(self, answer=b'200 Fine'):
        self.answer = answer
        self.first_bytes = []
        super().__init__()

    def serve(self, connection):
        head = read_head(connection)
        self.requests.append(head)
        connection.sendall(b'HTTP/1.1 ' + self.answer + b'\r\n\r\n')
        if not self.answer.startswith(b'2'):
            return
        host, port = head.split()[1].decode().rsplit(':', 1)
        with socket.create_connection((host, int(port)), 20) as other:
            self.relay(connection, other)

    def relay(self, near, far):
        first = True
        while True:
            ready = select.select([near, far], [], [], 20)[0]
            for source in ready:
                data = source.recv(65536)
                if not data:
                    return
                if first and source is near:
                    self.first_bytes.append(data[:1])
                    first = False
                (far if source is near else near).sendall(data)
            if not ready:
                return


def call(url, ca='authority.pem', operation=GET, **environment):
    """ivs-token api call: its exit code and stderr."""
    env = {n: os.environ[n] for n in KEPT if n in os.environ}
    env |= {'HOME': folder.name, 'AWS_REGION': 'us-west-2',
            'AWS_ACCESS_KEY_ID': 'AKIDEXAMPLE',
            'AWS_SECRET_ACCESS_KEY': SECRET, 'AWS_ENDPOINT_URL': url}
    if ca is not None:
        env['AWS_CA_BUNDLE'] = path(ca)
    env |= environment
    done = subprocess.run([PROGRAM, 'api', 'call', *operation],
                          env=env, stdin=subprocess.DEVNULL, timeout=60,
                          capture_output=True, text=True)
    if SECRET in done.stderr:
        raise AssertionError('the message has the secret key in it')
    return done.returncode, done.stderr


class Certificates(unittest.TestCase):
    def test_good_certificate_is_accepted(self):
        with Tls('good') as server:
            code, text = call(f'https://127.0.0.1:{server.port}')
            self.assertEqual((code, text), (0, ''))
            self.assertEqual(len(server.requests), 1)
            code, text = call(f'https://localhost:{server.port}')
            self.assertEqual((code, text), (0, ''))

    def refused(self, server, reason, attempts=3, **options):
        code, text = call(f'https://127.0.0.1:{server.port}', **options)
        self.assertEqual(code, 7, text)
        self.assertIn(f'127.0.0.1:{server.port}', text)
        self.assertRegex(text, reason)
        self.assertEqual(server.connections, attempts)
        if attempts > 1:
            self.assertIn(f'after {attempts} attempts: ', text)
        else: # no repeat makes a certificate better
            self.assertNotIn('attempts', text)

    def test_bad_certificates_are_refused(self):
        bundle = r' \(AWS_CA_BUNDLE'
        cases = [('expired', 'certificate has expired$'),
                 ('not-yet', 'not yet valid$'),
                 ('wrong-host', '(no alternative certificate subject name|'
                                'does not match)(?!.*AWS_CA_BUNDLE)'),
                 ('self-signed', f'self.signed certificate{bundle}')]
        for name, reason in cases:
            with self.subTest(name), Tls(name) as server:
                self.refused(server, 'certificate of .* was not accepted: .*'
                             f'({reason})', attempts=1)
                self.assertEqual(server.requests, [])

    def test_a_bad_certificate_of_sts_is_met_once(self):
        with open(path('web'), 'w', encoding='ascii') as token:
            token.write('token')
        with Tls('expired') as server:
            code, text = call('https://127.0.0.1:1', AWS_ACCESS_KEY_ID='',
                              AWS_SECRET_ACCESS_KEY='',
                              AWS_WEB_IDENTITY_TOKEN_FILE=path('web'),
                              AWS_ROLE_ARN='arn:aws:iam::1:role/web',
                              AWS_ENDPOINT_URL_STS=
                              f'https://127.0.0.1:{server.port}')
            self.assertEqual(code, 4)
            self.assertIn('AWS STS: the certificate of ', text)
            self.assertEqual(server.connections, 1)
            self.assertEqual(server.requests, [])

    def test_unknown_authority_is_refused(self):
        with Tls('good') as server:
            self.refused(server, 'certificate of .* was not accepted: .*'
                         'AWS_CA_BUNDLE names a file of the authorities '
                         r'to trust\)\n  here: --ca-bundle FILE',
                         attempts=1, ca=None)
            self.assertEqual(server.requests, [])

    def test_bundle_without_a_certificate_is_told_at_once(self):
        open(path('empty'), 'w', encoding='ascii').close()
        with Tls('good') as server:
            code, text = call(f'https://127.0.0.1:{server.port}', ca='empty')
            self.assertEqual(code, 7)
            self.assertRegex(text, 'the CA bundle is not taken .*empty.*, '
                             'expected certificates in PEM')
            self.assertNotIn('attempts', text)
            self.assertEqual(server.requests, [])

    def test_plain_http_is_guessed(self):
        with Truncated(b'HTTP/1.1 400 Bad Request\r\n\r\n') as server:
            self.refused(server, 'no TLS with .* .does it speak plain http')

    def test_tls_is_guessed(self):
        asked = ' (does it speak TLS? found http://, expected https://)'
        hello = b'\x15\x03\x01\x00\x02\x02\x46' # an alert, RFC 8446 section 6
        for server in Tls('good'), Truncated(b''), Truncated(hello):
            with server:
                code, text = call(f'http://127.0.0.1:{server.port}')
                self.assertEqual(code, 7, text)
                self.assertIn(f'127.0.0.1:{server.port}', text)
                self.assertIn(asked, text)

    def test_old_version_is_refused(self):
        with Tls('good', old=True) as server:
            self.refused(server, 'no TLS with .*: .*(version|alert)')
            self.assertEqual(server.requests, [])

    def test_truncated_handshake_is_told(self):
        with Truncated() as server:
            self.refused(server, 'no TLS with ')
            for request in server.requests:
                self.assertEqual(request[:1], b'\x16')  # a handshake

    def test_plain_http_behind_https_is_not_spoken_to(self):
        class Plain(Server):
            def serve(self, connection):
                self.requests.append(connection.recv(4096))
                connection.sendall(b'HTTP/1.1 400 Bad Request\r\n\r\n')

        with Plain() as server:
            self.refused(server, 'no TLS with ')
            for request in server.requests:
                self.assertEqual(request[:1], b'\x16')


class Http2(unittest.TestCase):
    """What is not framed as whole is no answer, whatever it looks like."""

    def test_whole_answers_are_taken(self):
        for frames in [
                [frame(HEADERS, END_HEADERS, STATUS_200),
                 frame(DATA, END_STREAM, b'{}')],
                [frame(HEADERS, END_HEADERS, STATUS_200),
                 frame(DATA, 0, b'{'), frame(DATA, 0, b'}'),
                 frame(DATA, END_STREAM)],
                [frame(HEADERS, END_HEADERS | END_STREAM, STATUS_204)],
                [frame(HEADERS, END_HEADERS | END_STREAM, STATUS_200)]]:
            with self.subTest(frames), \
                    Frames(*frames, close=False) as server:
                code, text = call(f'https://127.0.0.1:{server.port}',
                                  operation=DELETE)
                self.assertEqual((code, text), (0, ''))
                self.assertEqual(len(server.requests), 1)

    def test_cut_answers_are_asked_for_again(self):
        head = frame(HEADERS, END_HEADERS, STATUS_200)
        empty = frame(HEADERS, END_HEADERS, STATUS_204)
        body = frame(DATA, 0, b'{}')
        error = frame(RST_STREAM, 0, b'\0\0\0\x02')
        none = frame(RST_STREAM, 0, b'\0\0\0\0')
        cancel = frame(RST_STREAM, 0, b'\0\0\0\x08')
        goaway = frame(GOAWAY, 0, b'\0\0\0\x01\0\0\0\x02', stream=0)
        for frames in [[], [error], [head], [head, error], [head, none],
                       [head, cancel], [head, body], [head, body, error],
                       [head, body, none], [head, body, cancel],
                       [head, body, goaway], [empty], [empty, error],
                       [empty, none], [head[:9]], [head, body[:10]]]:
            with self.subTest(frames), \
                    Frames(*frames, close=True) as server:
                code, text = call(f'https://127.0.0.1:{server.port}')
                self.assertEqual(code, 7, text)
                self.assertIn('after 3 attempts: ', text)
                self.assertEqual(len(server.requests), 3)


class Version6(unittest.TestCase):
    def setUp(self):
        try:
            with socket.socket(socket.AF_INET6) as probe:
                probe.bind(('::1', 0))
        except OSError as error:
            self.skipTest(f'no IPv6: {error}')

    def test_address_and_name_lead_to_a_server_without_version_4(self):
        with Tls('good', socket.AF_INET6, '::1') as server:
            code, text = call(f'https://[::1]:{server.port}')
            self.assertEqual((code, text), (0, ''))
            names = {i[4][0] for i in socket.getaddrinfo('localhost', 1)}
            if '::1' in names:
                code, text = call(f'https://localhost:{server.port}')
                self.assertEqual((code, text), (0, ''))


    def test_refused_address_is_named(self):
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(('::1', 0))
            port = probe.getsockname()[1]
        code, text = call(f'https://[::1]:{port}')
        self.assertEqual(code, 7)
        self.assertIn(f'cannot connect to [::1]:{port}: Connection refused',
                      text)


class Proxies(unittest.TestCase):
    def test_https_goes_through_the_proxy_unread(self):
        for name in 'HTTPS_PROXY', 'https_proxy', 'ALL_PROXY':
            with self.subTest(name), Tls('good') as server, Proxy() as proxy:
                url = f'https://127.0.0.1:{server.port}'
                code, text = call(url,
                                  **{name: f'http://127.0.0.1:{proxy.port}'})
                self.assertEqual((code, text), (0, ''))
                self.assertEqual(len(server.requests), 1)
                self.assertEqual(len(proxy.requests), 1)
                head = proxy.requests[0]
                self.assertTrue(head.startswith(
                    f'CONNECT 127.0.0.1:{server.port} '.encode()))
                self.assertNotIn(b'authorization', head.lower())
                self.assertNotIn(b'GetChannel', head)
                self.assertEqual(proxy.first_bytes, [b'\x16'])

    def test_no_proxy_names_hosts_to_go_to_directly(self):
        for hosts in '127.0.0.1', 'example.com,127.0.0.1', '*':
            with self.subTest(hosts), Tls('good') as server, Proxy() as proxy:
                code, text = call(f'https://127.0.0.1:{server.port}',
                                  HTTPS_PROXY=f'http://127.0.0.1:{proxy.port}',
                                  NO_PROXY=hosts)
                self.assertEqual((code, text), (0, ''))
                self.assertEqual(proxy.connections, 0)

    def test_certificate_is_checked_behind_the_proxy_too(self):
        with Tls('wrong-host') as server, Proxy() as proxy:
            code, text = call(f'https://127.0.0.1:{server.port}',
                              HTTPS_PROXY=f'http://127.0.0.1:{proxy.port}')
            self.assertEqual(code, 7)
            self.assertIn('was not accepted', text)
            self.assertEqual(server.requests, [])

    def test_proxy_that_refuses_is_told_and_not_passed_by(self):
        for answer in '403 No', '407 Who are you', '502 Bad':
            with self.subTest(answer), Tls('good') as server, \
                    Proxy(answer.encode()) as proxy:
                code, text = call(f'https://127.0.0.1:{server.port}',
                                  HTTPS_PROXY=f'http://127.0.0.1:{proxy.port}')
                self.assertEqual(code, 7)
                self.assertIn(f'the proxy answered {answer[:3]} where a '
                              f'connection to 127.0.0.1:{server.port} was '
                              'asked for', text)
                self.assertEqual(server.connections, 0)

    def test_proxy_without_an_address_is_not_passed_by(self):
        with Tls('good') as server:
            code, text = call(f'https://127.0.0.1:{server.port}',
                              HTTPS_PROXY='http://u:MARK@proxy.invalid:1')
            self.assertEqual(code, 7)
            self.assertIn('cannot find the address of the proxy to '
                          f'127.0.0.1:{server.port}: is the name in '
                          'HTTPS_PROXY right?', text)
            self.assertNotIn('MARK', text)
            self.assertEqual(server.connections, 0)

    def test_proxy_that_is_not_there_is_not_passed_by(self):
        with socket.socket() as probe:
            probe.bind(('127.0.0.1', 0))
            port = probe.getsockname()[1]
        with Tls('good') as server:
            code, text = call(f'https://127.0.0.1:{server.port}',
                              HTTPS_PROXY=f'http://u:MARK@127.0.0.1:{port}')
            self.assertEqual(code, 7)
            self.assertIn('cannot connect to the proxy that leads to '
                          f'127.0.0.1:{server.port}: Connection refused', text)
            self.assertNotIn('MARK', text)
            self.assertEqual(server.connections, 0)


if __name__ == '__main__':
    if not os.access(PROGRAM, os.X_OK):
        sys.exit(77)
    unittest.main(warnings='ignore')  # of old TLS, which is on purpose
