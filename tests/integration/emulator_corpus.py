#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Requests that two readers may understand differently, that are none at all,
or whose bodies are no input: one answer each, and nobody waits."""

import json
import re
import socket

from emulator import Case, main, sign

HOST = b'Host: localhost\r\n'
# A second request, where a reader may take the rest of the first for one.
NEXT = b'GET /_/health HTTP/1.1\r\n' + HOST + b'\r\n'
LAST = NEXT.replace(HOST, HOST + b'Connection: close\r\n')
POST = b'POST /_/clock HTTP/1.1\r\n' + HOST
GET = b'GET /_/health HTTP/1.1\r\n'

# Name: bytes. {} is a body that is taken.
REFUSED = {
    # Length and coding (RFC 9112 section 6)
    'length and coding': POST + b'Content-Length: 2\r\n'
    b'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'coding and length': POST + b'Transfer-Encoding: chunked\r\n'
    b'Content-Length: 5\r\n\r\n0\r\n\r\n',
    'length twice': POST + b'Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}',
    'lengths that differ': POST + b'Content-Length: 2\r\n'
    b'Content-Length: 44\r\n\r\n{}',
    'length of another case twice': POST + b'Content-Length: 2\r\n'
    b'CONTENT-LENGTH: 2\r\n\r\n{}',
    'coding twice': POST + b'Transfer-Encoding: chunked\r\n'
    b'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'coding and identity': POST + b'Transfer-Encoding: chunked\r\n'
    b'Transfer-Encoding: identity\r\n\r\n0\r\n\r\n',
    'identity': POST + b'Transfer-Encoding: identity\r\n\r\n',
    'another coding': POST + b'Transfer-Encoding: gzip\r\n\r\n',
    'two codings': POST + b'Transfer-Encoding: gzip, chunked\r\n\r\n'
    b'0\r\n\r\n',
    'chunked is not the last': POST +
    b'Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n',
    'chunked twice in one': POST +
    b'Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n',
    'coding in quotes': POST + b'Transfer-Encoding: "chunked"\r\n\r\n',
    'coding with a parameter': POST +
    b'Transfer-Encoding: chunked;a=b\r\n\r\n0\r\n\r\n',
    'coding after a vertical tab': POST +
    b'Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n',
    'coding with a letter more': POST +
    b'Transfer-Encoding: chunkedd\r\n\r\n',
    'no coding': POST + b'Transfer-Encoding: \r\n\r\n',
    'coding of HTTP/1.0': b'POST /_/clock HTTP/1.0\r\n' + HOST +
    b'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'space before the colon': POST + b'Transfer-Encoding : chunked\r\n\r\n'
    b'0\r\n\r\n',
    'tab before the colon': POST + b'Content-Length\t: 2\r\n\r\n{}',
    'name after a control byte': POST +
    b'\x01Transfer-Encoding: chunked\r\n\r\n',
    'no size': POST + b'Transfer-Encoding: chunked\r\n\r\n\r\n{}\r\n',
    'size that is no number': POST +
    b'Transfer-Encoding: chunked\r\n\r\nx\r\n{}\r\n0\r\n\r\n',
    'negative size': POST +
    b'Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n',
    'size with 0x': POST +
    b'Transfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n',
    'size with a sign': POST +
    b'Transfer-Encoding: chunked\r\n\r\n+2\r\n{}\r\n0\r\n\r\n',
    'size beyond 64 bits': POST +
    b'Transfer-Encoding: chunked\r\n\r\n10000000000000002\r\n{}\r\n0\r\n\r\n',
    'chunk longer than its size': POST +
    b'Transfer-Encoding: chunked\r\n\r\n2\r\n{}}\r\n0\r\n\r\n',
    # Hosts (RFC 9112 section 3.2)
    'no host': GET + b'\r\n',
    'host twice': GET + HOST + HOST + b'\r\n',
    'hosts that differ': GET + HOST + b'Host: example.com\r\n\r\n',
    'empty host': GET + b'Host:\r\n\r\n',
    'hosts in one': GET + b'Host: localhost, example.com\r\n\r\n',
    'host with a path': GET + b'Host: localhost/x\r\n\r\n',
    'host with a user': GET + b'Host: a@localhost\r\n\r\n',
    'host with a scheme': GET + b'Host: http://localhost\r\n\r\n',
    'host with a space': GET + b'Host: local host\r\n\r\n',
    'another host': GET + b'Host: example.com\r\n\r\n',
    'host that begins well': GET + b'Host: localhost.example.com\r\n\r\n',
    'host with a NUL': GET + b'Host: example.com\0.localhost\r\n\r\n',
    'another host in the target': b'GET http://example.com/_/health '
    b'HTTP/1.1\r\n' + HOST + b'\r\n',
    # Request lines (section 3)
    'no target': b'GET HTTP/1.1\r\n' + HOST + b'\r\n',
    'no version': b'GET /_/health\r\n' + HOST + b'\r\n',
    'HTTP/0.9': b'GET /_/health HTTP/0.9\r\n' + HOST + b'\r\n',
    'HTTP/3': b'GET /_/health HTTP/3.0\r\n' + HOST + b'\r\n',
    'version in small letters': b'GET /_/health http/1.1\r\n' + HOST +
    b'\r\n',
    'version with more digits': b'GET /_/health HTTP/1.10\r\n' + HOST +
    b'\r\n',
    'version of another protocol': b'GET /_/health RTSP/1.0\r\n' + HOST +
    b'\r\n',
    'method that is no token': b'G@T /_/health HTTP/1.1\r\n' + HOST + b'\r\n',
    'CONNECT': b'CONNECT localhost:80 HTTP/1.1\r\n' + HOST + b'\r\n',
    'preface of HTTP/2': b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'target without a slash': b'GET _/health HTTP/1.1\r\n' + HOST + b'\r\n',
    'target with a byte beyond ASCII': b'GET /\xe9 HTTP/1.1\r\n' + HOST +
    b'\r\n',
    'target with a control byte': b'GET /\x01 HTTP/1.1\r\n' + HOST + b'\r\n',
    # Header lines (section 5)
    'name without a colon': GET + HOST + b'Name\r\n\r\n',
    'name with a space': GET + HOST + b'A name: b\r\n\r\n',
    'value with a control byte': GET + HOST + b'A: b\x07\r\n\r\n',
    'value with DEL': GET + HOST + b'A: b\x7f\r\n\r\n',
    'value with a bare CR': GET + HOST + b'A: b\rC: d\r\n\r\n',
    'authorization twice': GET + HOST + b'Authorization: a\r\n' * 2 + b'\r\n',
    'date twice': GET + HOST + b'X-Amz-Date: a\r\n' * 2 + b'\r\n',
    # No HTTP
    'text': b'hello there\r\n\r\n',
}

# Requests that are whole, or that the server library takes for such (README.md
# of the emulator names these), and what they are answered.
WHOLE = {
    'bare LF': (200, GET.replace(b'\r\n', b'\n') + b'Host: localhost\n\n'),
    'folded line': (200, GET + HOST + b'A: b\r\n c\r\n\r\n'),
    'empty line before the request': (200, b'\r\n' + GET + HOST + b'\r\n'),
    'leading zeros of a length': (
        200, POST + b'Content-Length: 0002\r\n\r\n{}'),
    'upper case coding': (
        200, POST + b'Transfer-Encoding: CHUNKED\r\n\r\n'
        b'2\r\n{}\r\n0\r\n\r\n'),
    'extension of a chunk': (
        200, POST + b'Transfer-Encoding: chunked\r\n\r\n'
        b'2;a=b\r\n{}\r\n0\r\n\r\n'),
    'size with zeros': (
        200, POST + b'Transfer-Encoding: chunked\r\n\r\n'
        b'0002\r\n{}\r\n000\r\n\r\n'),
    'trailer': (
        200, POST + b'Transfer-Encoding: chunked\r\n\r\n'
        b'2\r\n{}\r\n0\r\nA: b\r\n\r\n'),
    'length in a trailer': (
        200, POST + b'Transfer-Encoding: chunked\r\n\r\n'
        b'2\r\n{}\r\n0\r\nContent-Length: 44\r\n\r\n'),
    'GET with a body': (
        200, GET + HOST + b'Content-Length: 2\r\n\r\n{}'),
    'upgrade': (
        200, GET + HOST + b'Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n'),
    'expectation of another kind': (
        200, GET + HOST + b'Expect: miracles\r\n\r\n'),
    'coding with an underscore does not count': (
        400, POST + b'Transfer_Encoding: chunked\r\n'
        b'Content-Length: 1\r\n\r\n{'),
    'method in small letters': (
        405, b'get /_/health HTTP/1.1\r\n' + HOST + b'\r\n'),
    'method nobody knows': (
        405, b'BREW /_/health HTTP/1.1\r\n' + HOST + b'\r\n'),
    'TRACE': (405, b'TRACE / HTTP/1.1\r\n' + HOST + b'\r\n'),
}

# What is no request at all: nothing, or a refusal, and then the end or the
# next request's answer.
NOISE = {
    'TLS': b'\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03' + b'a' * 90 +
    b'\r\n\r\n',
    'zeros': b'\0' * 100 + b'\r\n\r\n',
    'empty lines': b'\r\n' * 50,
    'every byte': bytes(range(256)) + b'\r\n\r\n',
    'end of the headers within': POST + b': x\r\n'
    b'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
}

PATHS = [
    '../../../../etc/passwd', '..%2f..%2f..%2f..%2fetc%2fpasswd',
    '%2e%2e/%2e%2e/%2e%2e/etc/passwd', '..%252f..%252fetc%252fpasswd',
    '..%c0%af..%c0%afetc%c0%afpasswd', '..%5c..%5cetc%5cpasswd',
    './/etc/passwd', '/etc/passwd', 'file:///etc/passwd', '%00', '%00.m3u8',
    'a%00/../../etc/passwd', '%0d%0aSet-Cookie:%20a=b', '%ff%fe', '%e2%82',
    '%u002e', '%', '%2', '%zz', '~root', ';a=b', 'a' * 20000, '%41' * 7000,
    '/' * 2000, 'a/' * 2000, '.' * 2000, '%2e' * 2000]

# RFC 8259: what is no JSON text, besides what emulator_http.py has.
NO_JSON = [
    b'', b' ', b'\xef\xbb\xbf{}', b'{}\x00', b'{} x', b'{}]', b'{"a"}',
    b'{"a":}', b'{"a":1,}', b'{,"a":1}', b'{"a":1,,"b":2}', b'{"a" 1}',
    b'{a:1}', b"{'a':1}", b'{"a":1 "b":2}', b'{"a":1', b'{"a":"', b'{"a',
    b'{"a":[}', b'{"a":[1,]}', b'{"a":[,1]}', b'{"a":[1 2]}', b'{"a":[1}',
    b'{"a":01}', b'{"a":-01}', b'{"a":1.}', b'{"a":.1}', b'{"a":1e}',
    b'{"a":1e+}', b'{"a":+1}', b'{"a":--1}', b'{"a":-}', b'{"a":0x1}',
    b'{"a":1_0}', b'{"a":NaN}', b'{"a":Infinity}', b'{"a":-Infinity}',
    b'{"a":True}', b'{"a":tru}', b'{"a":nul}', b'{"a":undefined}',
    b'{"a":"\\x41"}', b'{"a":"\\u00G0"}', b'{"a":"\\u00"}', b'{"a":"\\"}',
    b'{"a":"\\a"}', b'{"a":"\t"}', b'{"a":"\n"}', b'{"a":"\x00"}',
    b'{"a":"\x1f"}', b'{"a":"\xff"}', b'{"a":"\xc0\xaf"}',
    b'{"a":"\xed\xa0\x80"}', b'{"a":"\xf4\x90\x80\x80"}', b'{"a":"\xe2\x82"}',
    b'{"a":"\\ud800"}', b'{"a":"\\udc00\\ud800"}', b'{"a":"\\ud800\\u0041"}',
    b'{/**/}', b'{}//', b'#{}', b'{"a":1}{"a":1}', b'{\x0c}', b'{\xc2\xa0}',
    b'{\xe2\x80\x8b}', b'\x00{}', b'\xff\xfe{\x00}\x00', b'{"a":\x00}',
    b'<a/>', b'"arn"', b'1', b'true', b'[{}]', b'{"a":' * 50000,
    b'[' * 500000, b'{"arn":"a","\\u0061rn":"b"}',
]

# Inputs of a batch of revocations that the model does not allow.
ARN = 'arn:aws:ivs:us-west-2:000000000000:channel/abcdefghijkl'
PAIR = {'channelArn': ARN, 'viewerId': 'v'}
NO_BATCH = [
    {}, {'viewerSessions': None}, {'viewerSessions': []},
    {'viewerSessions': [PAIR] * 21}, {'viewerSessions': PAIR},
    {'viewerSessions': 'v'}, {'viewerSessions': [None]},
    {'viewerSessions': [[]]}, {'viewerSessions': ['v']},
    {'viewerSessions': [{}]}, {'viewerSessions': [{'channelArn': ARN}]},
    {'viewerSessions': [{'viewerId': 'v'}]},
    {'viewerSessions': [{**PAIR, 'viewerId': ''}]},
    {'viewerSessions': [{**PAIR, 'viewerId': 'v' * 41}]},
    {'viewerSessions': [{**PAIR, 'viewerId': 1}]},
    {'viewerSessions': [{**PAIR, 'viewerId': True}]},
    {'viewerSessions': [{**PAIR, 'channelArn': 'abc'}]},
    {'viewerSessions': [{**PAIR, 'channelArn': ARN + '\n'}]},
    {'viewerSessions': [{**PAIR,
                         'viewerSessionVersionsLessThanOrEqualTo': '1'}]},
    {'viewerSessions': [{**PAIR,
                         'viewerSessionVersionsLessThanOrEqualTo': -1}]},
    {'viewerSessions': [{**PAIR,
                         'viewerSessionVersionsLessThanOrEqualTo': 2 ** 31}]},
    {'viewerSessions': [{**PAIR,
                         'viewerSessionVersionsLessThanOrEqualTo': 1.5}]},
    {'viewerSessions': [{**PAIR, 'other': 1}]},
    {'viewerSessions': [PAIR], 'other': 1},
]


class Corpus(Case):
    def answers(self, request):
        """Statuses of what comes back until the connection ends."""
        text = self.emulator.raw(request, timeout=10)
        return [int(n) for n in re.findall(rb'HTTP/1\.1 (\d\d\d) ', text)]

    def test_refused_requests_end_the_connection(self):
        """Whatever follows is answered by nobody."""
        for name, request in REFUSED.items():
            with self.subTest(name):
                got = self.answers(request + NEXT)
                self.assertEqual(len(got), 1, got)
                # 505 is for other versions
                self.assertIn(got[0], (400, 403, 413, 505))

    def test_whole_requests_have_one_answer_each(self):
        for name, (status, request) in WHOLE.items():
            with self.subTest(name):
                self.assertEqual(self.answers(request + LAST), [status, 200])

    def test_what_is_no_request_does_not_hold_up(self):
        for name, request in NOISE.items():
            with self.subTest(name):
                got = self.answers(request + LAST)
                self.assertLessEqual(len(got), 2)
                self.assertLess(max(got, default=0), 500)

    def test_paths_lead_nowhere(self):
        """Not out of the three prefixes, and to no file."""
        for prefix in ('/', '/_/', '/api/video/v1/', '/v1/playlist/',
                       '/tags/'):
            for path in PATHS:
                for method in ('GET', 'POST', 'HEAD', 'PUT', 'DELETE',
                               'PATCH'):
                    with self.subTest(f'{method} {prefix}{path[:40]}'):
                        answer = self.emulator.request(method, prefix + path)
                        self.assertIn(answer.status, (400, 403, 404, 405))
                        self.assertNotIn(b'root:', answer.body)

    def test_cut_off_anywhere(self):
        """No answer to a part of a request, and none twice."""
        whole = (POST + b'Transfer-Encoding: chunked\r\n\r\n'
                 b'2\r\n{}\r\n0\r\n\r\n')
        sockets = []
        for end in range(len(whole) + 1):
            s = socket.create_connection(('127.0.0.1', self.emulator.port),
                                         timeout=10)
            s.sendall(whole[:end])
            s.shutdown(socket.SHUT_WR)
            sockets.append(s)
        for end, s in enumerate(sockets):
            with s, s.makefile('rb') as file:
                self.assertEqual(file.read().count(b'HTTP/1.1 '),
                                 1 if end == len(whole) else 0, end)

    def test_byte_by_byte(self):
        """However a request is cut into pieces, it is the same."""
        request = WHOLE['trailer'][1] + LAST
        with socket.create_connection(('127.0.0.1', self.emulator.port),
                                      timeout=10) as s:
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for i in range(len(request)):
                s.sendall(request[i:i + 1])
            with s.makefile('rb') as file:
                self.assertEqual(re.findall(rb'HTTP/1\.1 (\d\d\d) ',
                                            file.read()), [b'200', b'200'])


class Inputs(Case):
    def refuses(self, operation, body):
        headers = sign('POST', f'/{operation}', self.emulator.host, body)
        self.refused(self.emulator.request('POST', f'/{operation}', headers,
                                           body), 400, 'ValidationException')

    def test_what_is_no_json(self):
        for body in NO_JSON:
            with self.subTest(body[:40]):
                self.refuses('GetChannel', body)

    def test_what_the_model_does_not_allow(self):
        for value in NO_BATCH:
            with self.subTest(str(value)[:80]):
                self.refuses('BatchStartViewerSessionRevocation',
                             json.dumps(value).encode())


if __name__ == '__main__':
    main()
