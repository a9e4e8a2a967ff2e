#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Many connections, slow ones, broken ones and huge requests: memory and files
stay bounded, and others are served meanwhile."""

import contextlib
import os
import resource
import select
import socket
import struct
import time

from emulator import Case, main, sign

MIB = 1024 * 1024
IDLE = 10000


class Flood(Case):
    def room(self, mib):
        """So much more than in the beginning. Sanitizers keep what was given
        back, besides."""
        kept = 512 if os.environ['IVS_SANITIZE'] else 0
        return self.empty + (mib + kept) * MIB

    def setUp(self):
        self.empty = self.emulator.memory()
        limits = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (limits[1], limits[1]))
        self.most = limits[1] - 100  # that can be opened here
        self.sockets = contextlib.ExitStack()
        self.addCleanup(self.sockets.close)

    def connect(self, data=b''):
        s = socket.create_connection(('127.0.0.1', self.emulator.port),
                                     timeout=20)
        self.sockets.enter_context(s)
        with contextlib.suppress(ConnectionError):
            s.sendall(data)
        return s

    def head(self, *lines):
        return '\r\n'.join([*lines[:1], f'Host: {self.emulator.host}',
                            *lines[1:], '']).encode()

    def served(self):
        """A new caller is."""
        for _ in range(10):
            self.done(self.emulator.control('/_/health'))

    def settles(self, files):
        """So many files are open again, soon."""
        end = time.monotonic() + 20
        while self.emulator.files() > files and time.monotonic() < end:
            time.sleep(0.05)
        self.assertLessEqual(self.emulator.files(), files)


class Connections(Flood):
    def test_ten_thousand_idle(self):
        before = self.emulator.files()
        count = min(IDLE, self.most)
        self.assertGreater(count, 500)
        for i in range(count):
            self.connect()
            if i % 500 == 0:
                self.served()
        self.served()
        self.assertLess(self.emulator.files(), 4096 + 64)
        self.assertLess(self.emulator.memory(), self.room(256))
        self.sockets.close()
        self.settles(before)

    def test_slow_requests(self):
        heads = [b'', b'G', b'GET /_/health HTTP/1.1\r\n',
                 self.head('GET /_/health HTTP/1.1', 'A: b'),
                 self.head('POST /_/clock HTTP/1.1', 'Content-Length: 9')
                 + b'\r\n{',
                 self.head('POST /_/clock HTTP/1.1',
                           'Transfer-Encoding: chunked') + b'\r\n5\r\n{']
        slow = [self.connect(heads[i % len(heads)]) for i in range(600)]
        for _ in range(5):
            for s in slow:
                with contextlib.suppress(ConnectionError):
                    s.sendall(b' ')
            self.served()

    def test_half_closed(self):
        """The end of what is sent, in the middle of a request or after one."""
        before = self.emulator.files()
        whole = self.head('GET /_/health HTTP/1.1') + b'\r\n'
        sockets = [self.connect(whole[:len(whole) // 2] if i % 2 else whole)
                   for i in range(300)]
        for s in sockets:
            s.shutdown(socket.SHUT_WR)
        for s in sockets[::2]:
            self.assertEqual(s.recv(4096)[:13], b'HTTP/1.1 200 ')
        for s in sockets:
            self.assertEqual(s.recv(4096), b'')
        self.sockets.close()
        self.settles(before)

    def test_resets(self):
        before = self.emulator.files()
        requests = [b'', b'GET', self.head('GET /_/health HTTP/1.1') + b'\r\n',
                    self.head('POST /_/clock HTTP/1.1', 'Content-Length: 9')
                    + b'\r\n{',
                    (self.head('GET /_/health HTTP/1.1') + b'\r\n') * 50]
        for i in range(3000):
            s = self.connect(requests[i % len(requests)])
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                         struct.pack('ii', 1, 0))
            s.close()
        self.served()
        self.settles(before)

    def test_answers_that_are_not_read(self):
        """The request says more than its connection takes in."""
        before = self.emulator.files()
        many = (self.head('GET /_/health HTTP/1.1') + b'\r\n') * 20000
        for _ in range(30):
            s = self.connect()
            s.setblocking(False)
            with contextlib.suppress(BlockingIOError, ConnectionError):
                s.send(many)
        self.served()
        self.assertLess(self.emulator.memory(), self.room(64))
        self.sockets.close()
        self.settles(before)


class Huge(Flood):
    """More than is taken: an answer that says so, or an end."""

    def pour(self, head, piece, limit):
        """Send head, then piece until an answer or the end comes, or so many
        bytes are sent. The answer, as far as it comes."""
        s = self.connect(head)
        s.setblocking(False)
        sent, rest, answer = 0, b'', b''
        end = time.monotonic() + 60
        while time.monotonic() < end:
            rest = rest or (piece if sent < limit else b'')
            reads, writes, _ = select.select([s], [s] if rest else [], [],
                                              20 if sent < limit else 1)
            try:
                if reads:
                    part = s.recv(65536)
                    answer += part
                    if not part or sent >= limit:
                        break
                if writes:
                    n = s.send(rest)
                    rest = rest[n:]
                    sent += n
            except ConnectionError:
                break
            if not reads and not writes:
                break
        self.poured = sent
        return answer

    def refused(self, answer, *statuses):
        self.assertIn(int(answer.split()[1]) if answer else 0, statuses,
                      answer[:200])

    def flat(self, mib=16):
        self.assertLess(self.emulator.memory(), self.room(mib))
        self.served()

    def test_ten_gigabytes_are_refused_before_they_come(self):
        for length in (10 * 1024 * MIB, 2 ** 63 - 1, 2 ** 63, 2 ** 64,
                       2 ** 64 + 5, 10 ** 40):
            with self.subTest(length):
                answer = self.pour(self.head('POST /_/clock HTTP/1.1',
                                             f'Content-Length: {length}')
                                   + b'\r\n', b' ' * 65536, 1024 * MIB)
                self.refused(answer, 400, 413)
                self.assertLess(self.poured, 64 * MIB)
        self.flat()

    def test_chunks_without_an_end(self):
        head = self.head('POST /_/clock HTTP/1.1',
                         'Transfer-Encoding: chunked') + b'\r\n'
        spaces = b' ' * MIB
        for begin, piece in ((b'', b'100000\r\n' + spaces + b'\r\n'),
                             (b'7FFFFFFFFFFFFFFF\r\n', spaces)):
            answer = self.pour(head + begin, piece, 200 * MIB)
            self.assertIn(answer[9:12], (b'', b'413'))
            self.flat()

    def test_sizes_and_extensions_of_chunks_without_an_end(self):
        head = self.head('POST /_/clock HTTP/1.1',
                         'Transfer-Encoding: chunked') + b'\r\n'
        for begin, piece in ((b'', b'0' * 65536), (b'1;', b'a' * 65536),
                             (b'F' * 17, b'\r\n'),
                             (b'0\r\n', b'A: b\r\n' * 8192)):
            with self.subTest(begin):
                answer = self.pour(head + begin, piece, 100 * MIB)
                # 500 is the library's answer where a size has no end
                self.refused(answer, 0, 400, 413, 431, 500)
                self.assertLess(self.poured, 64 * MIB)
        self.flat()

    def test_headers_without_an_end(self):
        for piece in (b'A: b\r\n' * 8192, b'A' * 65536, b'A: ' + b'b' * 65536):
            answer = self.pour(self.head('GET /_/health HTTP/1.1'), piece,
                               100 * MIB)
            self.refused(answer, 0, 400, 413, 431)
            self.assertLess(self.poured, 64 * MIB)
        self.flat()

    def test_request_lines_without_an_end(self):
        for begin in (b'GET /', b'GET /?', b'', b'GET '):
            answer = self.pour(begin, b'a' * 65536, MIB)
            self.refused(answer, 0, 400, 414, 431)
        self.flat()

    def finished(self, sockets):
        """What bodies that lack a byte are answered with once it comes."""
        statuses = set()
        for s in sockets:
            s.sendall(b'}')
            statuses.add(s.recv(65536)[9:12])
        return statuses

    def test_many_bodies_that_do_not_end(self):
        """Each is allowed, as are 32 MiB of them; 300 MiB are not."""
        head = self.head('POST /_/clock HTTP/1.1', f'Content-Length: {MIB}')
        head += b'\r\n' + b' ' * (MIB - 1)
        self.assertEqual(self.finished(
            [self.connect(head) for _ in range(32)]), {b'400'})
        waiting = [self.connect(head) for _ in range(300)]
        self.flat(200)
        body = b'{}'
        headers = sign('POST', '/ListChannels', self.emulator.host, body)
        self.done(self.emulator.request('POST', '/ListChannels', headers,
                                        body))
        statuses = self.finished(waiting)
        # Empty: it was given up while the others came. Where all come at the
        # same pace, none is whole before there are too many.
        self.assertIn(b'429', statuses)
        self.assertLessEqual(statuses, {b'', b'400', b'429'})
        self.sockets.close()
        body = b'{' + b' ' * (MIB - 2) + b'}'
        self.done(self.emulator.request('POST', '/_/clock', body=body))


if __name__ == '__main__':
    main()
