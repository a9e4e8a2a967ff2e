#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A thousand viewers at once, each with a connection of its own. By hand:
IVS_VIEWERS, IVS_VIEWERS_S and IVS_VIEWERS_PAUSE_S say how many, for how long
and how often each asks."""

import heapq
import json
import os
import resource
import selectors
import socket
import sys
import time

from emulator import Case, main, sign

SANITIZE = os.environ['IVS_SANITIZE']
# Without optimization the last of a thousand would wait for more than 30 s.
VIEWERS = int(os.environ.get('IVS_VIEWERS',
                             250 if 'address' in SANITIZE else 1000))
SECONDS = float(os.environ.get('IVS_VIEWERS_S', 8))
PAUSE_S = float(os.environ.get('IVS_VIEWERS_PAUSE_S', 1))
MIB = 1024 * 1024


class Viewer:
    """A connection that asks for one thing again and again."""

    def __init__(self, number, port, request):
        self.number = number
        self.socket = socket.create_connection(('127.0.0.1', port),
                                               timeout=60)
        self.request = request
        self.answer = b''
        self.sent = None

    def ask(self):
        self.sent = time.monotonic()
        self.socket.sendall(self.request)

    def read(self):
        """The status of a whole answer and its body, or None before."""
        part = self.socket.recv(65536)
        if not part:
            raise AssertionError('the connection ended')
        self.answer += part
        head, found, body = self.answer.partition(b'\r\n\r\n')
        if not found:
            return None
        length = int(head.lower().split(b'content-length: ')[1].split()[0])
        if len(body) < length:
            return None
        assert len(body) == length, 'more than one answer'
        self.answer = b''
        return int(head[9:12]), body


class Viewers(Case):
    options = ('--no-quotas', '--quiet')

    def setUp(self):
        limits = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (limits[1], limits[1]))
        self.viewers = []
        self.selector = selectors.DefaultSelector()
        self.addCleanup(self.close)

    def close(self):
        self.selector.close()
        for viewer in self.viewers:
            viewer.socket.close()

    def add(self, request):
        viewer = Viewer(len(self.viewers), self.emulator.port, request)
        self.viewers.append(viewer)
        self.selector.register(viewer.socket, selectors.EVENT_READ, viewer)
        return viewer

    def answers(self, timeout):
        """Viewers that have their whole answer."""
        for key, _ in self.selector.select(timeout):
            answer = key.data.read()
            if answer is not None:
                yield key.data, answer

    def each_asks(self):
        """Every viewer once, all at the same time; what they got."""
        for viewer in self.viewers:
            viewer.ask()
        got = {}
        end = time.monotonic() + 120
        while len(got) < len(self.viewers) and time.monotonic() < end:
            for viewer, answer in self.answers(5):
                got[viewer] = answer
        self.assertEqual(len(got), len(self.viewers))
        return got

    def get(self, path):
        return (f'GET {path} HTTP/1.1\r\nHost: {self.emulator.host}\r\n\r\n'
                .encode())

    def test_each_watches_and_none_is_refused(self):
        channel = self.done(self.emulator.call('CreateChannel'))['channel']
        self.done(self.emulator.stream(channel['arn']))
        path = channel['playbackUrl'].split(self.emulator.host)[1]
        for _ in range(VIEWERS):
            self.add(self.get(path))
        sessions = set()
        for viewer, (status, body) in self.each_asks().items():
            self.assertEqual(status, 200)
            url = next(line for line in body.decode().split('\n')
                       if line.startswith('http://'))
            sessions.add(url)
            viewer.request = self.get(url.split(self.emulator.host)[1])
        self.assertEqual(len(sessions), VIEWERS)

        begin = time.monotonic()
        turns = [(begin + PAUSE_S * i / VIEWERS, i) for i in range(VIEWERS)]
        waited, sizes = [], []
        while time.monotonic() < begin + SECONDS:
            while turns and turns[0][0] <= time.monotonic():
                self.viewers[heapq.heappop(turns)[1]].ask()
            if len(sizes) < (time.monotonic() - begin) / SECONDS * 20:
                sizes.append((self.emulator.memory(), self.emulator.files()))
            for viewer, (status, body) in self.answers(0.01):
                self.assertEqual((status, body[:7]), (200, b'#EXTM3U'))
                waited.append(time.monotonic() - viewer.sent)
                heapq.heappush(turns,
                               (viewer.sent + PAUSE_S, viewer.number))
        waited.sort()
        sys.stderr.write(
            f'{VIEWERS} viewers, {len(waited) / SECONDS:.0f} playlists/s, '
            f'p50 {waited[len(waited) // 2] * 1e3:.1f} ms, '
            f'p99 {waited[len(waited) * 99 // 100] * 1e3:.1f} ms, '
            f'{sizes[-1][0] / MIB:.0f} MiB\n')
        self.assertGreater(len(waited), VIEWERS)
        first, last = sizes[len(sizes) // 4], sizes[-1]
        kept = 512 if SANITIZE else 8  # sanitizers keep what is given back
        self.assertLessEqual(last[0], first[0] + kept * MIB)
        self.assertEqual(last[1], first[1])

    def test_calls_at_once_are_neither_lost_nor_doubled(self):
        for i in range(VIEWERS):
            body = json.dumps({'name': f'n{i}'}).encode()
            headers = sign('POST', '/CreateChannel', self.emulator.host, body,
                           key='777777777777')
            headers['content-length'] = len(body)
            lines = [f'{n}: {v}' for n, v in headers.items()]
            self.add('\r\n'.join(['POST /CreateChannel HTTP/1.1', *lines, '',
                                  '']).encode() + body)
        arns = set()
        for status, body in self.each_asks().values():
            self.assertEqual(status, 200, body)
            arns.add(json.loads(body)['channel']['arn'])
        self.assertEqual(len(arns), VIEWERS)
        listed = []
        page = {'maxResults': 100}
        while page:
            answer = self.done(self.emulator.call(
                'ListChannels', page, key='777777777777'))
            listed += [(c['arn'], c['name']) for c in answer['channels']]
            page = ({'maxResults': 100, 'nextToken': answer['nextToken']}
                    if 'nextToken' in answer else None)
        self.assertEqual({arn for arn, _ in listed}, arns)
        self.assertEqual(sorted(name for _, name in listed),
                         sorted(f'n{i}' for i in range(VIEWERS)))


if __name__ == '__main__':
    main()
