#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""HTTP as strangers speak it: framing, limits, hosts, control."""

import concurrent.futures
import json
import resource
import socket
import time
import urllib.request

from emulator import PROGRAM, Case, Emulator, main, run, sign


class Framing(Case):
    def status(self, *lines, body=b''):
        """Status of the one answer to a request of these lines."""
        text = '\r\n'.join([*lines, '', '']).encode('latin-1') + body
        answer = self.emulator.raw(text)
        self.assertEqual(answer.count(b'HTTP/1.1 '), 1, answer)
        return int(answer.split()[1])

    def refuses(self, status, *lines, body=b''):
        self.assertEqual(self.status(*lines, body=body), status, lines)

    def test_two_readers_must_not_differ_about_the_body(self):
        line = 'POST /_/clock HTTP/1.1'
        host = f'Host: {self.emulator.host}'
        smuggled = b'0\r\n\r\nGET /_/health HTTP/1.1\r\nHost: x\r\n\r\n'
        for headers in [
                ('Content-Length: 4', 'Transfer-Encoding: chunked'),
                ('Transfer-Encoding: chunked', 'Content-Length: 4'),
                ('Content-Length: 4', 'Content-Length: 4'),
                ('Content-Length: 4', 'Content-Length: 5'),
                ('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'),
                ('Transfer-Encoding: identity',),
                ('Transfer-Encoding: chunked, identity',),
                ('Transfer-Encoding: gzip, chunked',),
                ('Transfer-Encoding: xchunked',)]:
            with self.subTest(headers):
                self.refuses(400, line, host, *headers, body=smuggled)

    def test_lengths_that_are_no_number(self):
        """The library answers these, with its head written twice."""
        for length in ('4, 4', '+4', '0x4', '-4', ''):
            with self.subTest(length):
                answer = self.emulator.raw(
                    f'POST /_/clock HTTP/1.1\r\nHost: {self.emulator.host}\r\n'
                    f'Content-Length: {length}\r\n\r\n0\r\n\r\n'
                    f'GET /_/health HTTP/1.1\r\nHost: localhost\r\n\r\n'
                    .encode())
                self.assertEqual(answer.split()[1], b'400')
                self.assertNotIn(b'HTTP/1.1 200', answer)

    def test_chunked_body_is_read(self):
        self.refuses(200, 'POST /_/clock HTTP/1.1',
                     f'Host: {self.emulator.host}',
                     'Transfer-Encoding: chunked', 'Connection: close',
                     body=b'1\r\n{\r\n1\r\n}\r\n0\r\n\r\n')

    def test_headers_that_may_come_once(self):
        line = 'GET /_/health HTTP/1.1'
        host = f'Host: {self.emulator.host}'
        for headers in [
                (host,), ('Authorization: a', 'Authorization: a'),
                ('X-Amz-Date: a', 'x-amz-date: b'),
                ('Origin: http://a', 'Origin: http://b')]:
            with self.subTest(headers):
                self.refuses(400, line, host, *headers)

    def test_grammar(self):
        host = f'Host: {self.emulator.host}'
        for name, lines in {
                'no host': ('GET /_/health HTTP/1.1',),
                'no host in 1.0': ('GET /_/health HTTP/1.0',),
                'name with space': ('GET /_/health HTTP/1.1', host, 'A b: c'),
                'name before space': ('GET /_/health HTTP/1.1', host,
                                      'Ab : c'),
                'control byte': ('GET /_/health HTTP/1.1', host, 'A: b\x01'),
                'absolute target': ('GET http://x/ HTTP/1.1', host),
                'asterisk': ('OPTIONS * HTTP/1.1', host),
                'byte beyond ASCII': ('GET /\xff HTTP/1.1', host)}.items():
            with self.subTest(name):
                self.refuses(400, *lines)

    def test_versions(self):
        host = f'Host: {self.emulator.host}'
        self.refuses(200, 'GET /_/health HTTP/1.0', host)
        self.assertIn(self.status('GET /_/health HTTP/2.0', host), (400, 505))

    def test_limits(self):
        host = f'Host: {self.emulator.host}'
        self.refuses(413, 'POST /_/clock HTTP/1.1', host,
                     'Content-Length: 1048577')
        self.refuses(413, 'POST /_/clock HTTP/1.1', host,
                     'Content-Length: 9223372036854775808')
        self.refuses(414, f'GET /{"a" * 30000} HTTP/1.1', host)
        self.assertIn(self.status(f'GET /{"a" * 200000} HTTP/1.1', host),
                      (400, 414, 431))
        self.refuses(431, 'GET /_/health HTTP/1.1', host,
                     *(f'A{i}: b' for i in range(150)))
        self.assertIn(self.status('GET /_/health HTTP/1.1', host,
                                  f'A: {"b" * 200000}'), (400, 413, 431))

    def test_chunked_body_over_the_limit(self):
        chunk = b'10000\r\n' + b' ' * 65536 + b'\r\n'
        self.refuses(413, 'POST /_/clock HTTP/1.1',
                     f'Host: {self.emulator.host}',
                     'Transfer-Encoding: chunked', 'Connection: close',
                     body=chunk * 17 + b'0\r\n\r\n')

    def test_body_at_the_limit_is_read(self):
        body = b'{' + b' ' * (1024 * 1024 - 2) + b'}'
        answer = self.emulator.request('POST', '/_/clock', body=body)
        self.done(answer)

    def test_connection_serves_several_requests(self):
        request = f'GET /_/health HTTP/1.1\r\nHost: {self.emulator.host}\r\n'
        answer = self.emulator.raw(
            (request + '\r\n' + request + 'Connection: close\r\n\r\n')
            .encode())
        self.assertEqual(answer.count(b'HTTP/1.1 200 '), 2)

    def test_strange_methods_and_paths(self):
        for method, target, status in [
                ('BREW', '/GetChannel', 405), ('GET', '/GetChannel', 405),
                ('PUT', '/tags/x', 405), ('POST', '/getchannel', 404),
                ('POST', '/GetChannel/', 404), ('POST', '/', 404),
                ('POST', '//GetChannel', 404), ('GET', '/_/nothing', 404),
                ('POST', '/TagResource', 404),
                ('POST', '/tags/{resourceArn}', 403),
                ('DELETE', '/_/health', 405),
                ('POST', '/api/video/v1/x.m3u8', 405),
                ('GET', '/api/video/v1/', 404),
                ('GET', '/api/video/v1/..%2f..%2fetc%2fpasswd', 404),
                ('GET', '/api/video/v1/../../etc/passwd', 404),
                ('GET', '/v1/playlist/%00', 403),
                ('GET', '/v1/playlist/' + 'a' * 9000, 403)]:
            with self.subTest(f'{method} {target[:40]}'):
                answer = self.emulator.request(method, target)
                self.assertEqual(answer.status, status, answer.body)
                self.assertEqual(status == 405, 'Allow' in answer.headers)

    def test_bodies_that_are_no_input(self):
        for body in (b'[]', b'null', b'{', b'{"arn":1}', b'{"arn":null}',
                     b'{"arn":"a","arn":"b"}', b'\xff', b'{}{}', b'{"x":1}',
                     b'[' * 100000, b'{"arn":"\\u0000"}',
                     b'{"arn":1e999999}', b'{"arn":' + b'9' * 5000 + b'}'):
            with self.subTest(body[:30]):
                headers = sign('POST', '/GetChannel', self.emulator.host, body)
                self.refused(
                    self.emulator.request('POST', '/GetChannel', headers,
                                          body), 400, 'ValidationException')

    def test_many_at_once(self):
        def create(i):
            return self.emulator.call('CreateChannel', {'name': f'n{i}'},
                                      key='555555555555').status

        with concurrent.futures.ThreadPoolExecutor(32) as pool:
            self.assertEqual(set(pool.map(create, range(150))), {200})
        listed = set()
        page = {'maxResults': 50}
        while True:
            answer = self.done(self.emulator.call(
                'ListChannels', page, key='555555555555'))
            listed |= {c['name'] for c in answer['channels']}
            if 'nextToken' not in answer:
                break
            page['nextToken'] = answer['nextToken']
        self.assertEqual(listed, {f'n{i}' for i in range(150)})


class Hosts(Case):
    def answer(self, host, path='/_/health', **headers):
        return self.emulator.request('GET', path, {'Host': host, **headers})

    def test_names_of_this_machine(self):
        for host in ('127.0.0.1', 'localhost', 'LOCALHOST:1', '[::1]',
                     '127.0.0.2', '127.255.255.254:1', '[::1]:8787',
                     'a.localhost', 'b.a.localhost:80'):
            with self.subTest(host):
                self.done(self.answer(host))

    def test_names_of_other_machines(self):
        for host in ('example.com', 'localhost.example.com',
                     'xlocalhost', '.localhost', '0.0.0.0', '[::]',
                     '127.0.0.1.nip.io', '127.1', '127.0.0.1.', '126.0.0.1',
                     '128.0.0.1', '127.0.0.0.1', '127.0.0.256',
                     '0127.0.0.1'):
            for path in ('/_/health', '/api/video/v1/x.m3u8', '/nothing'):
                with self.subTest(host + path):
                    self.refused(self.answer(host, path), 403,
                                 'AccessDeniedException')

    def test_what_is_no_host(self):
        for host in ('', 'a b', 'localhost:x', 'localhost:123456', 'a@b',
                     'localhost/', '[::1', '::1', 'localhost:80:80'):
            with self.subTest(host):
                answer = self.answer(host)
                self.assertEqual(answer.status, 400)

    def test_pages_of_other_sites_cannot_control(self):
        for origin in ('http://example.com', 'null', 'http://localhost:1'):
            with self.subTest(origin):
                answer = self.answer(self.emulator.host, Origin=origin)
                self.refused(answer, 403, 'AccessDeniedException')
        answer = self.answer(self.emulator.host,
                             Origin=f'http://{self.emulator.host}')
        self.done(answer)
        self.assertNotIn('Access-Control-Allow-Origin', answer.headers)


class Open(Case):
    """Bound to all addresses, as in a container."""

    options = ('--no-quotas', '--host', '0.0.0.0')

    def test_other_names_reach_the_service_but_not_its_control(self):
        host = f'ivs:{self.emulator.port}'
        headers = sign('POST', '/CreateChannel', host, b'{}')
        made = self.done(self.emulator.request('POST', '/CreateChannel',
                                               headers, b'{}'))
        self.assertTrue(made['channel']['playbackUrl'].startswith(
            f'http://{host}/api/video/v1/'))
        answer = self.emulator.request('GET', '/_/health', {'Host': host})
        self.refused(answer, 403, 'AccessDeniedException')
        self.assertEqual(self.emulator.ready['url'],
                         f'http://127.0.0.1:{self.emulator.port}')


class Elsewhere(Case):
    """Bound to another loopback address."""

    options = ('--host', '127.0.0.2')

    def test_the_url_of_the_ready_line_is_served(self):
        url = self.emulator.ready['url'] + '/_/health'
        with urllib.request.urlopen(url) as answer:
            self.assertEqual(json.load(answer)['status'], 'ok')


class Control(Case):
    options = ()

    def test_health(self):
        health = self.done(self.emulator.control('/_/health'))
        self.assertEqual(health['status'], 'ok')

    def test_clock_moves_and_returns(self):
        control = self.emulator.control
        self.assertEqual(self.done(control('/_/clock'))['offset_s'], 0)
        self.assertEqual(
            self.done(control('/_/clock', {'advance_s': 100}))['offset_s'],
            100)
        self.assertEqual(
            self.done(control('/_/clock', {'advance_s': -50}))['offset_s'],
            50)
        moved = self.done(control('/_/clock', {'now_s': 1000}))
        self.assertIn(moved['now_s'], (1000, 1001))
        self.assertEqual(self.done(control('/_/clock', {}))['offset_s'], 0)
        self.assertAlmostEqual(self.done(control('/_/clock'))['now_s'],
                               time.time(), delta=3)

    def test_clock_refuses_nonsense(self):
        for value in ({'now_s': -1}, {'now_s': 253402300800},
                      {'now_s': 1.5}, {'now_s': '1'}, {'other': 1},
                      {'': 1}, {'now_s': 1, 'advance_s': 1},
                      {'advance_s': 2 ** 63 - 1}, {'advance_s': -2 ** 63},
                      [], 1):
            with self.subTest(value):
                self.refused(self.emulator.control('/_/clock', value), 400,
                             'ValidationException')

    def test_reset_drops_everything(self):
        made = self.done(self.emulator.call('CreateChannel'))
        self.done(self.emulator.control('/_/clock', {'advance_s': 9}))
        self.done(self.emulator.control('/_/reset', {}))
        self.refused(
            self.emulator.call('GetChannel', {'arn': made['channel']['arn']}),
            404, 'ResourceNotFoundException')
        self.assertEqual(
            self.done(self.emulator.control('/_/clock'))['offset_s'], 0)

    def test_rates_are_those_of_the_service(self):
        for operation, rate, value in [
                ('ListPlaybackKeyPairs', 3, {}), ('ListChannels', 5, {}),
                ('ListRecordingConfigurations', 3, {}),
                ('ListPlaybackRestrictionPolicies', 5, {}),
                ('CreateStreamKey', 5, {}), ('ListStreams', 5, {}),
                ('BatchStartViewerSessionRevocation', 2, {}),
                ('StartViewerSessionRevocation', 10, {})]:
            with self.subTest(operation):
                self.done(self.emulator.control('/_/reset', {}))
                answers = self.emulator.burst([(operation, value)] *
                                              (4 * rate))
                self.assertNotIn(429, [a.status for a in answers[:rate]])
                throttled = [a for a in answers if a.status == 429]
                self.assertTrue(throttled)
                self.refused(throttled[0], 429, 'ThrottlingException')
        # another account and another region have quotas of their own
        for other in ({'key': '111111111111'}, {'region': 'eu-west-1'}):
            self.refused(self.emulator.call('StartViewerSessionRevocation',
                                            **other), 400,
                         'ValidationException')


class Patience(Case):
    def test_few_files_do_not_keep_new_requests_out(self):
        emulator = Emulator(prefix=('prlimit', '--nofile=100:100'))
        idle = []
        try:
            for _ in range(200):
                idle.append(socket.create_connection(
                    ('127.0.0.1', emulator.port)))
            self.done(emulator.control('/_/health'))
        finally:
            for s in idle:
                s.close()
            self.assertEqual(emulator.stop(), 0)

    def test_too_few_files_are_told_at_the_start(self):
        with self.assertRaisesRegex(RuntimeError, '20 files'):
            Emulator(prefix=('prlimit', '--nofile=20:20'))

    def test_the_limit_of_files_is_raised_as_far_as_it_goes(self):
        emulator = Emulator(prefix=('prlimit', '--nofile=256:900'))
        try:
            self.assertEqual(resource.prlimit(emulator.process.pid,
                                              resource.RLIMIT_NOFILE),
                             (900, 900))
        finally:
            self.assertEqual(emulator.stop(), 0)

    def test_a_command_gets_the_limit_of_files_that_was(self):
        told = run('prlimit', '--nofile=256:900', PROGRAM, '--port', '0',
                   '--', 'sh', '-c', 'ulimit -Sn; ulimit -Hn')
        self.assertEqual(told.split(), [b'256', b'900'])

    def test_trickling_requests_end_after_thirty_seconds(self):
        """Each byte would begin the time anew if only idleness counted."""
        start = f'GET /_/health HTTP/1.1\r\nHost: {self.emulator.host}\r\nA: '
        begun = time.monotonic()
        with socket.create_connection(('127.0.0.1', self.emulator.port)) as s:
            s.sendall(start.encode())
            s.settimeout(2)
            ended = False
            while not ended and time.monotonic() - begun < 45:
                try:
                    s.sendall(b'a')
                    ended = s.recv(1) == b''
                except TimeoutError:
                    pass
                except (BrokenPipeError, ConnectionResetError):
                    ended = True
        self.assertTrue(ended)
        self.assertGreater(time.monotonic() - begun, 25)
        self.done(self.emulator.control('/_/health'))


if __name__ == '__main__':
    main()
