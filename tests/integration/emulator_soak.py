#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Mixed load for a long time: every answer is the expected one, and memory and
open files stay what they are after the first part. Argument: seconds."""

import contextlib
import http.client
import json
import random
import socket
import struct
import sys
import threading
import time
import uuid

from emulator import Case, Key, main, now, sign

SECONDS = 300
PAUSE_S = 0.03  # leaves the machine to the tests beside it; by hand less
MIB = 1024 * 1024
HOUR = 3600
REFUSED = [
    b'GET / HTTP/1.1\r\n\r\n',
    b'GET /_/health HTTP/1.1\r\nHost: example.com\r\n\r\n',
    b'POST /_/clock HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n'
    b'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    b'POST /_/clock HTTP/1.1\r\nHost: localhost\r\nContent-Length: '
    b'99999999999\r\n\r\n',
    b'GET /_/health HTTP/1.1\r\nHost: localhost\r\nA b: c\r\n\r\n',
    b'GET /' + b'a' * 40000 + b' HTTP/1.1\r\nHost: localhost\r\n\r\n',
    b'hello there\r\n\r\n']


class Unexpected(Exception):
    pass


def expect(got, wanted, what):
    if got.status != wanted:
        raise Unexpected(f'{what}: {got.status}, expected {wanted}: '
                         f'{got.body[:300]}')
    return got


class Got:
    def __init__(self, status, body):
        self.status, self.body = status, body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def urls(self):
        return [line for line in self.body.decode().split('\n')
                if line and not line.startswith('#')]


class Shared:
    """What the actors have in common: the channel all watch, its tokens, and
    who may move the clock."""

    def __init__(self, emulator):
        self.emulator = emulator
        self.key = Key()
        self.end = threading.Event()
        self.failure = None
        self.count = 0
        self.lock = threading.Condition()
        self.running = 0
        self.stopped = False
        boss = Actor(self, 'boss')
        expect(boss.call('ImportPlaybackKeyPair',
                         {'publicKeyMaterial': self.key.public}), 200, 'key')
        self.channel = boss.new_channel(True)
        self.tokens = []
        self.mint()

    def token(self, **claims):
        return self.key.token({
            'aws:channel-arn': self.channel['arn'], 'exp': now() + 590,
            **{'aws:' + n.replace('_', '-') if n != 'exp' else n: v
               for n, v in claims.items()}})

    def mint(self):
        self.tokens = [self.token(viewer_id=f'v{i}') for i in range(8)]

    @contextlib.contextmanager
    def turn(self):
        """Something that goes on while the clock stands."""
        with self.lock:
            self.lock.wait_for(lambda: not self.stopped)
            self.running += 1
        try:
            yield
        finally:
            with self.lock:
                self.running -= 1
                self.lock.notify_all()

    @contextlib.contextmanager
    def alone(self):
        with self.lock:
            self.stopped = True
            self.lock.wait_for(lambda: self.running == 0)
        try:
            yield
        finally:
            with self.lock:
                self.stopped = False
                self.lock.notify_all()

    def run(self, actor):
        while not self.end.is_set():
            try:
                actor.act()
            except Exception as failure:  # the first one is told
                self.failure = self.failure or failure
                self.end.set()
            self.end.wait(PAUSE_S)
        actor.close()


class Actor:
    account = 'test'

    def __init__(self, shared, name):
        self.shared, self.name = shared, name
        self.emulator = shared.emulator
        self.random = random.Random(name)
        self.connection = None

    def close(self):
        if self.connection is not None:
            self.connection.close()
        self.connection = None

    def request(self, method, target, headers=None, body=None):
        """On a connection that is kept, but for one in fifty."""
        if self.random.random() < 0.02:
            self.close()
        if self.connection is None:
            self.connection = http.client.HTTPConnection(
                '127.0.0.1', self.emulator.port, timeout=60)
        if target.startswith('http://'):
            target = '/' + target.split('/', 3)[3]
        self.connection.request(method, target, body, headers or {})
        answer = self.connection.getresponse()
        got = Got(answer.status, answer.read())
        with self.shared.lock:
            self.shared.count += 1
        if got.status >= 500:
            raise Unexpected(f'{method} {target}: {got.status}')
        return got

    def call(self, operation, value=None):
        body = json.dumps(value or {}).encode()
        headers = sign('POST', f'/{operation}', self.emulator.host, body,
                       key=self.account)
        return self.request('POST', f'/{operation}', headers, body)

    def control(self, path, value=None):
        return self.request('POST', path,
                            body=json.dumps(value or {}).encode())

    def new_channel(self, authorized):
        channel = expect(self.call('CreateChannel', {
            'authorized': authorized}), 200, 'CreateChannel').json['channel']
        self.stream(channel, 'start')
        return channel

    def stream(self, channel, action):
        expect(self.control('/_/streams', {'channelArn': channel['arn'],
                                           'action': action}), 200, action)

    def play(self, token, status=200):
        url = self.shared.channel['playbackUrl']
        return expect(self.request('GET', f'{url}?token={token}' if token
                                   else url), status, 'play')


class Caller(Actor):
    """An account's resources come and go."""

    def __init__(self, shared, name):
        super().__init__(shared, name)
        self.account = name
        self.arns = []

    def act(self):
        with self.shared.turn():
            if len(self.arns) < 10:
                self.arns.append(expect(self.call('CreateChannel', {
                    'name': self.name, 'tags': {'a': 'b'}}), 200,
                    'CreateChannel').json['channel']['arn'])
            arn = self.random.choice(self.arns)
            expect(self.call('GetChannel', {'arn': arn}), 200, 'GetChannel')
            expect(self.call('UpdateChannel', {'arn': arn, 'name': 'n' * (
                1 + self.random.randrange(100))}), 200, 'UpdateChannel')
            listed = expect(self.call('ListChannels'), 200, 'ListChannels')
            if {c['arn'] for c in listed.json['channels']} != set(self.arns):
                raise Unexpected(f'channels of {self.name}: {listed.body}')
            expect(self.call('GetChannel', {'arn': arn + 'x'}), 404, 'absent')
            expect(self.call('GetChannel', {'arn': 1}), 400, 'wrong type')
            if self.random.random() < 0.3:
                self.arns.remove(arn)
                expect(self.call('DeleteChannel', {'arn': arn}), 204,
                       'DeleteChannel')


class Stranger(Actor):
    """Signatures and requests that are wrong, and connections that break."""

    def act(self):
        body = b'{}'
        expect(self.request('POST', '/ListChannels', sign(
            'POST', '/ListChannels', self.emulator.host, body,
            secret='wrong'), body), 403, 'signature')
        expect(self.request('GET', '/nothing'), 404, 'path')
        answer = self.emulator.raw(self.random.choice(REFUSED))
        if answer.count(b'HTTP/1.1 4') != 1:
            raise Unexpected(f'malformed: {answer[:300]}')
        with socket.create_connection(('127.0.0.1',
                                       self.emulator.port)) as s:
            s.sendall(b'GET /_/health HTTP/1.1\r\nHost: loc')
            if self.random.random() < 0.5:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                             struct.pack('ii', 1, 0))


class Viewer(Actor):
    """Good tokens and bad ones; what they lead to."""

    def act(self):
        with self.shared.turn():
            token = self.random.choice(self.shared.tokens)
            variants = self.play(token).urls
            for _ in range(5):
                variant = self.random.choice(variants)
                segments = expect(self.request('GET', variant), 200,
                                  'variant').urls
                for segment in segments[-1:]:
                    expect(self.request('GET', segment), 200, 'segment')
            head, payload, signature = token.split('.')
            for bad in (None, 'a', f'{head}.{payload}.{"A" * 128}',
                        f'{head}.{payload}A.{signature}'):
                self.play(bad, 403)


class Revoked(Actor):
    """A viewer who is revoked, and tokens that are used up. There are 500, who
    come back with another version: a revocation is kept for good."""

    rounds = 0

    def act(self):
        self.rounds += 1
        viewer, version = f'r{self.rounds % 500}', 1 + self.rounds // 500
        with self.shared.turn():
            token = self.shared.token(viewer_id=viewer,
                                      viewer_session_version=version)
            variant = self.play(token).urls[0]
            expect(self.call('StartViewerSessionRevocation', {
                'channelArn': self.shared.channel['arn'], 'viewerId': viewer,
                'viewerSessionVersionsLessThanOrEqualTo': version}), 200,
                'revoke')
            self.play(token, 403)
            expect(self.request('GET', variant), 403, 'revoked session')
            once = self.shared.token(single_use_uuid=str(uuid.uuid4()))
            self.play(once)
            self.play(once, 403)
        self.shared.end.wait(0.3)


class Encoder(Actor):
    """A stream that begins and ends, and what is put into it. Past ones are
    kept as long as their channel."""

    account = '555555555555'

    def act(self):
        channel = self.new_channel(False)
        arn, url = channel['arn'], channel['playbackUrl']
        with self.shared.turn():
            variants = [expect(self.request('GET', url), 200, 'public').urls[0]
                        for _ in range(5)]
            for _ in range(5):
                expect(self.call('PutMetadata', {
                    'channelArn': arn, 'metadata': 'm' * 900}), 204,
                    'metadata')
            stream = expect(self.call('GetStream', {'channelArn': arn}), 200,
                            'GetStream').json['stream']
            if stream['viewerCount'] != 5:
                raise Unexpected(f'viewers: {stream}')
            self.stream(channel, 'stop')
            expect(self.request('GET', url), 404, 'offline')
            for variant in variants:
                got = expect(self.request('GET', variant), 200, 'the last one')
                if b'#EXT-X-ENDLIST' not in got.body:
                    raise Unexpected(f'goes on: {got.body[:300]}')
            expect(self.call('GetStream', {'channelArn': arn}), 404,
                   'GetStream')
            expect(self.call('DeleteChannel', {'arn': arn}), 204,
                   'DeleteChannel')


class Pictures(Actor):
    """A stream with pictures, all segments of which are fetched."""

    account = '777777777777'

    def act(self):
        with self.shared.turn():
            channel = self.new_channel(False)
            self.stream(channel, 'stop')
            expect(self.control('/_/streams', {
                'channelArn': channel['arn'], 'action': 'start',
                'from': 'testsrc', 'ladder': ['160p', 'audio_only']}), 200,
                'pictures')
            variants = expect(self.request('GET', channel['playbackUrl']),
                              200, 'pictures').urls
        seen = set()
        for _ in range(60):
            with self.shared.turn():
                expect(self.call('PutMetadata', {
                    'channelArn': channel['arn'], 'metadata': 'm' * 900}),
                    204, 'metadata')
                for variant in variants:
                    for url in expect(self.request('GET', variant), 200,
                                      'pictures').urls:
                        if url not in seen and len(expect(self.request(
                                'GET', url), 200, 'segment').body) % 188:
                            raise Unexpected(f'{url}: part of a packet')
                        seen.add(url)
            if self.shared.end.wait(0.5):
                break
        else:
            if len(seen) < 4:
                raise Unexpected(f'{len(seen)} segments in 30 s')
        with self.shared.turn():
            self.stream(channel, 'stop')
            expect(self.call('DeleteChannel', {'arn': channel['arn']}), 204,
                   'DeleteChannel')


class Faults(Actor):
    """Answers that are told to fail, of operations nobody else calls."""

    account = '666666666666'

    def act(self):
        expect(self.control('/_/faults', {'faults': [
            {'operation': 'ListStreams', 'status': 403, 'count': 2},
            {'operation': 'ListAdConfigurations', 'reset': 'before',
             'count': 1},
            {'operation': 'ListPlaybackRestrictionPolicies',
             'latency_ms': 50}]}), 200, 'faults')
        for status in (403, 403, 200):
            expect(self.call('ListStreams'), status, 'ListStreams')
        self.close()
        try:
            self.call('ListAdConfigurations')
            raise Unexpected('no reset')
        except (ConnectionError, http.client.HTTPException):
            self.close()
        expect(self.call('ListAdConfigurations'), 200, 'after a reset')
        begin = time.monotonic()
        expect(self.call('ListPlaybackRestrictionPolicies'), 200, 'late')
        late = time.monotonic() - begin
        if late < 0.045:  # its clock is one of milliseconds
            raise Unexpected(f'late by {late} s, expected 0.05')
        expect(self.request('DELETE', '/_/faults'), 200, 'faults')
        self.shared.end.wait(0.2)


class Clock(Actor):
    """New tokens and a stream that begins anew, so that sessions end as they
    would; then time passes, and goes back."""

    def act(self):
        with self.shared.alone():
            self.shared.mint()
            self.stream(self.shared.channel, 'stop')
            self.stream(self.shared.channel, 'start')
            token = self.shared.tokens[0]
            variant = self.play(token).urls[0]
            expect(self.control('/_/clock', {'advance_s': 2 * HOUR}), 200,
                   'clock')
            self.play(token, 403)
            expect(self.request('GET', variant), 403, 'session of then')
            expect(self.control('/_/clock'), 200, 'clock')
            self.play(token)
        self.shared.end.wait(5)


class Soak(Case):
    options = ('--no-quotas',)

    def test_answers_are_right_and_nothing_grows(self):
        shared = Shared(self.emulator)
        actors = [Caller(shared, f'{n}' * 12) for n in (1, 2, 3)]
        actors += [kind(shared, f'{kind.__name__} {i}') for kind, n in (
            (Stranger, 2), (Viewer, 3), (Revoked, 1), (Encoder, 1),
            (Pictures, 1), (Faults, 1), (Clock, 1)) for i in range(n)]
        threads = [threading.Thread(target=shared.run, args=(actor,))
                   for actor in actors]
        samples = []
        for thread in threads:
            thread.start()
        begin = time.monotonic()
        while time.monotonic() < begin + SECONDS and not shared.end.is_set():
            shared.end.wait(SECONDS / 400)
            samples.append((self.emulator.memory(), self.emulator.files()))
        shared.end.set()
        for thread in threads:
            thread.join(120)
        if shared.failure is not None:
            raise shared.failure
        parts = [samples[len(samples) * i // 4:len(samples) * (i + 1) // 4]
                 for i in range(4)]
        most = [[max(s[what] for s in part) for part in parts]
                for what in (0, 1)]
        sys.stderr.write(
            f'{shared.count} requests in {SECONDS:.0f} s; at most, in each '
            f'quarter: {[m // 1024 for m in most[0]]} KiB, {most[1]} files\n')
        self.assertGreater(shared.count, SECONDS * 10)
        self.assertLess(max(most[0][2:]), most[0][1] + 8 * MIB)
        self.assertLessEqual(max(most[1][2:]), most[1][1] + 100)


if __name__ == '__main__':
    if len(sys.argv) > 1:
        SECONDS, PAUSE_S = float(sys.argv.pop(1)), 0.004
    main()
