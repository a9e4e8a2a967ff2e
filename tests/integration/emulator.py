# SPDX-License-Identifier: MIT
"""Starting ivs-emulator and talking to it, with signatures and tokens made by
Python's hashlib and the openssl command: none of our own code takes part."""

import base64
import contextlib
import datetime
import hashlib
import hmac
import http.client
import json
import os
import re
import resource
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from urllib.parse import quote

PROGRAM = os.path.join(os.environ['IVS_BUILD_DIR'], 'bin', 'ivs-emulator')
REGION = 'us-west-2'


class Emulator:
    """A running emulator on a port the system picked; prefix is a command
    that becomes it, log a file for what it says."""

    def __init__(self, *options, prefix=(), log=None, env=None):
        self.log = log or tempfile.TemporaryFile('w+')
        self.process = subprocess.Popen(
            [*prefix, PROGRAM, '--port', '0', *options],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log,
            text=True, env=env)
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            raise RuntimeError(f'no ready line: {self.errors()}')
        self.ready = json.loads(line)
        self.port = self.ready['port']
        self.host = f'127.0.0.1:{self.port}'

    def errors(self):
        self.log.seek(0)
        return self.log.read()

    def stop(self):
        """End it as a user would; its exit code."""
        self.process.terminate()
        self.process.stdout.close()
        return self.process.wait(300)

    def memory(self):
        """Bytes of it in memory."""
        with open(f'/proc/{self.process.pid}/statm') as file:
            pages = int(file.read().split()[1])
        return pages * os.sysconf('SC_PAGE_SIZE')

    def files(self):
        """How many it has open."""
        return len(os.listdir(f'/proc/{self.process.pid}/fd'))

    def request(self, method, target, headers=None, body=None):
        """One request with exactly these headers, Host added."""
        connection = http.client.HTTPConnection('127.0.0.1', self.port,
                                                timeout=300)
        connection.putrequest(method, target, skip_host=True,
                              skip_accept_encoding=True)
        headers = {n.lower(): v for n, v in (headers or {}).items()}
        headers.setdefault('host', self.host)
        if body is not None:
            headers.setdefault('content-length', str(len(body)))
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        response = connection.getresponse()
        answer = Answer(response.status, response.headers, response.read())
        connection.close()
        return answer

    def raw(self, data, timeout=20):
        """Everything that comes back for these bytes until the end."""
        with socket.create_connection(('127.0.0.1', self.port),
                                      timeout=timeout) as s:
            s.sendall(data)
            parts = []
            try:
                while part := s.recv(65536):
                    parts.append(part)
            except ConnectionResetError:
                pass
        return b''.join(parts)

    def call(self, operation, value=None, **how):
        """A signed call of an operation."""
        body = json.dumps({} if value is None else value).encode()
        headers = sign('POST', f'/{operation}', self.host, body, **how)
        return self.request('POST', f'/{operation}', headers, body)

    def burst(self, calls, **how):
        """The answers to calls (operation, value), all sent at once, so that
        a busy machine makes no pauses between them."""
        data = b''
        for operation, value in calls:
            body = json.dumps(value).encode()
            headers = sign('POST', f'/{operation}', self.host, body,
                           **how)
            headers['content-length'] = str(len(body))
            lines = [f'POST /{operation} HTTP/1.1',
                     *(f'{n}: {v}' for n, v in headers.items()), '', '']
            data += '\r\n'.join(lines).encode() + body
        answers = []
        with socket.create_connection(('127.0.0.1', self.port),
                                      timeout=300) as s:
            s.sendall(data)
            with s.makefile('rb') as file:
                for _ in calls:
                    status = int(file.readline().split()[1])
                    headers = http.client.parse_headers(file)
                    body = file.read(int(headers['Content-Length'] or 0))
                    answers.append(Answer(status, headers, body))
        return answers

    def tags(self, method, arn, value=None, keys=(), **how):
        """A signed call of a tag operation; the path is signed as it is
        encoded once more."""
        path = f'/tags/{quote(arn, safe="")}'
        query = '&'.join(f'tagKeys={quote(key, safe="")}'
                         for key in sorted(keys))
        body = b'' if value is None else json.dumps(value).encode()
        headers = sign(method, quote(path, safe='/'), self.host, body,
                       query=query, **how)
        return self.request(method, f'{path}?{query}' if query else path,
                            headers, body if value is not None else None)

    def stream(self, arn, action='start', **more):
        """Begin or end the stream of a channel."""
        return self.control('/_/streams',
                            {'channelArn': arn, 'action': action, **more})

    def control(self, path, value=None):
        body = None if value is None else json.dumps(value).encode()
        return self.request('GET' if value is None else 'POST', path,
                            body=body)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def type(self):
        return self.headers['x-amzn-ErrorType']

    @property
    def json(self):
        return json.loads(self.body)


@contextlib.contextmanager
def full_disk(emulator):
    """No file of it grows, nor changes; it must ignore SIGXFSZ."""
    pid = emulator.process.pid
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


def mac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def sign(method, path, host, body, *, key='test', secret='test',
         region=REGION, service='ivs', at=None, headers=None, signed=None,
         query=''):
    """The headers of a request signed with Signature Version 4."""
    at = at or datetime.datetime.now(datetime.timezone.utc)
    stamp = at.strftime('%Y%m%dT%H%M%SZ')
    every = {'host': host, 'x-amz-date': stamp,
             'content-type': 'application/json'}
    every.update(headers or {})
    names = sorted(signed if signed is not None else every)
    canonical = '\n'.join(
        [method, path, query] + [f'{n}:{every[n]}' for n in names] +
        ['', ';'.join(names), hashlib.sha256(body).hexdigest()])
    scope = f'{stamp[:8]}/{region}/{service}/aws4_request'
    text = '\n'.join(['AWS4-HMAC-SHA256', stamp, scope,
                      hashlib.sha256(canonical.encode()).hexdigest()])
    chain = mac(f'AWS4{secret}'.encode(), stamp[:8])
    for part in (region, service, 'aws4_request'):
        chain = mac(chain, part)
    every['Authorization'] = (
        f'AWS4-HMAC-SHA256 Credential={key}/{scope}, '
        f'SignedHeaders={";".join(names)}, Signature={mac(chain, text).hex()}')
    return every


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b'=').decode()


class Key:
    """A P-384 key pair of the openssl command's."""

    def __init__(self, curve='secp384r1'):
        self.pem = run('openssl', 'ecparam', '-name', curve, '-genkey',
                       '-noout')
        self.public = run('openssl', 'pkey', '-pubout',
                          data=self.pem).decode()

    def sign(self, data):
        """r and s of 48 bytes each."""
        with tempfile.NamedTemporaryFile() as file:
            file.write(self.pem)
            file.flush()
            der = run('openssl', 'dgst', '-sha384', '-sign', file.name,
                      data=data)
        listing = run('openssl', 'asn1parse', '-inform', 'DER',
                      data=der).decode()
        return b''.join(
            int(n, 16).to_bytes(48, 'big')
            for n in re.findall(r'INTEGER\s*:([0-9A-F]+)', listing))

    def token(self, payload):
        """A token with this payload, JSON text or a dict."""
        if not isinstance(payload, str):
            payload = json.dumps(payload)
        text = '.'.join([b64url(b'{"alg":"ES384","typ":"JWT"}'),
                         b64url(payload.encode())])
        return f'{text}.{b64url(self.sign(text.encode()))}'


def run(*command, data=b''):
    return subprocess.run(command, input=data, check=True,
                          stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout


def now():
    return int(time.time())


class Case(unittest.TestCase):
    """One emulator for all tests of a class."""

    options = ('--no-quotas',)

    @classmethod
    def setUpClass(cls):
        cls.emulator = Emulator(*cls.options)

    @classmethod
    def tearDownClass(cls):
        code = cls.emulator.stop()
        if code != 0:
            sys.stderr.write(cls.emulator.errors())
            raise AssertionError(f'ivs-emulator ended with {code}')

    def refused(self, answer, status, name):
        """An error in the service's shape."""
        self.assertEqual((answer.status, answer.type), (status, name),
                         answer.body)
        self.assertTrue(answer.headers['x-amzn-RequestId'])
        self.assertEqual(answer.json['message'],
                         answer.json['exceptionMessage'])
        self.assertTrue(answer.json['message'])
        return answer.json['message']

    def done(self, answer, status=200):
        self.assertEqual(answer.status, status, answer.body)
        return answer.json if answer.body else None


def main():
    if not os.path.exists(PROGRAM):
        sys.exit(f'{PROGRAM} is not built')
    unittest.main(verbosity=2)
