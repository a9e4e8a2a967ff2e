#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How ivs-emulator ends and starts again: signals while requests are under way,
kill -9 under concurrent writes, and what keeps it from starting."""

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

from emulator import PROGRAM, Emulator, main, sign

ROUNDS = int(os.environ.get('IVS_KILL_ROUNDS', '50'))
WRITERS = 4


class Signals(unittest.TestCase):
    """SIGTERM with a request under way."""

    def setUp(self):
        self.emulator = Emulator('--no-quotas')
        self.addCleanup(self.emulator.process.wait, 20)
        self.addCleanup(self.emulator.process.kill)
        self.addCleanup(self.emulator.process.stdout.close)

    def begin(self):
        """A connection with half a request on it, and the other half."""
        body = json.dumps({'name': 'x' * 100}).encode()
        headers = {**sign('POST', '/CreateChannel', self.emulator.host, body),
                   'content-length': str(len(body))}
        text = 'POST /CreateChannel HTTP/1.1\r\n' + ''.join(
            f'{name}: {value}\r\n' for name, value in headers.items()) + '\r\n'
        connection = socket.create_connection(
            ('127.0.0.1', self.emulator.port), timeout=20)
        self.addCleanup(connection.close)
        connection.sendall(text.encode() + body[:50])
        # Its head was read when others are answered.
        time.sleep(0.1)
        self.assertEqual(self.emulator.control('/_/health').status, 200)
        return connection, body[50:]

    def is_refused(self):
        """Wait until nobody new is heard."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                socket.create_connection(('127.0.0.1', self.emulator.port),
                                         timeout=20).close()
            except ConnectionRefusedError:
                return True
            except ConnectionResetError:
                pass
            time.sleep(0.02)
        return False

    def test_request_under_way_gets_its_answer(self):
        connection, rest = self.begin()
        self.emulator.process.terminate()
        self.assertTrue(self.is_refused())
        self.assertIsNone(self.emulator.process.poll())
        connection.sendall(rest)
        answer = b''
        while part := connection.recv(65536):
            answer += part
        head, body = answer.split(b'\r\n\r\n')
        self.assertTrue(head.startswith(b'HTTP/1.1 200 '), head)
        self.assertIn(b'connection: close', head.lower())
        self.assertEqual(json.loads(body)['channel']['name'], 'x' * 100)
        self.assertEqual(self.emulator.process.wait(20), 0)

    def test_second_signal_ends_it_at_once(self):
        for first, second in ((signal.SIGTERM, signal.SIGTERM),
                              (signal.SIGINT, signal.SIGTERM)):
            self.setUp()
            self.begin()
            self.emulator.process.send_signal(first)
            self.assertTrue(self.is_refused())
            self.assertIsNone(self.emulator.process.poll())
            begin = time.monotonic()
            self.emulator.process.send_signal(second)
            self.assertEqual(self.emulator.process.wait(20), 0)
            self.assertLess(time.monotonic() - begin, 5)

    def test_request_that_never_ends_is_not_waited_for_long(self):
        self.begin()
        begin = time.monotonic()
        self.emulator.process.terminate()
        self.assertEqual(self.emulator.process.wait(25), 0)
        self.assertGreater(time.monotonic() - begin, 5)

    def test_connection_without_a_request_holds_nothing_up(self):
        connection = socket.create_connection(
            ('127.0.0.1', self.emulator.port), timeout=20)
        self.addCleanup(connection.close)
        connection.sendall(b'GET /_/health HTTP/1.1\r\nHost: localhost\r\n\r\n')
        self.assertTrue(connection.recv(65536))
        begin = time.monotonic()
        self.assertEqual(self.emulator.stop(), 0)
        self.assertLess(time.monotonic() - begin, 5)


class Round:
    """Writers of channels and tags in a region of their own, until the
    emulator is gone."""

    def __init__(self, emulator, region):
        self.emulator, self.region = emulator, region
        self.acknowledged, self.tried = set(), set()
        self.tags = {} # arn: [last acknowledged, last tried]
        self.threads = [threading.Thread(target=self.write, args=(i,))
                        for i in range(WRITERS)]

    def call(self, operation, value, emulator=None):
        return (emulator or self.emulator).call(operation, value,
                                                region=self.region)

    def write(self, writer):
        try:
            arn = None
            for n in range(100000):
                name = f'{writer}-{n}'
                self.tried.add(name)
                answer = self.call('CreateChannel', {'name': name})
                if answer.status != 200:
                    raise AssertionError(answer.body)
                self.acknowledged.add(name)
                arn = arn or answer.json['channel']['arn']
                state = self.tags.setdefault(arn, [-1, -1])
                state[1] = n
                answer = self.emulator.tags('POST', arn, {
                    'tags': {'n': str(n)}}, region=self.region)
                if answer.status != 200:
                    raise AssertionError(answer.body)
                state[0] = n
        except (OSError, EOFError, ValueError) as error:
            if not isinstance(error, OSError):
                raise
        except Exception as error: # cut within an answer
            if type(error).__module__ != 'http.client':
                raise

    def check(self, emulator, case):
        names, token = [], {}
        tags = {}
        while True:
            page = self.call('ListChannels', {'maxResults': 100, **token},
                             emulator).json
            for channel in page['channels']:
                names.append(channel['name'])
                tags[channel['arn']] = channel['tags']
            if 'nextToken' not in page:
                break
            token = {'nextToken': page['nextToken']}
        case.assertEqual(len(names), len(set(names)), 'doubled')
        case.assertEqual(self.acknowledged - set(names), set(), 'lost')
        case.assertEqual(set(names) - self.tried, set(), 'made up')
        for arn, state in self.tags.items():
            case.assertIn(int(tags[arn].get('n', -1)), state)


class Killed(unittest.TestCase):
    def test_every_acknowledged_write_outlives_kill_9(self):
        chance = random.Random(20261127)
        written = 0
        with tempfile.TemporaryDirectory() as folder:
            options = ('--no-quotas', '--quiet', '--db',
                       os.path.join(folder, 'state.db'))
            rounds = []
            for number in range(ROUNDS + 1):
                emulator = Emulator(*options)
                try:
                    if rounds:
                        rounds[-1].check(emulator, self)
                    if number == ROUNDS:
                        for old in rounds:
                            old.check(emulator, self)
                        break
                    rounds.append(Round(emulator, f'round-{number}'))
                    for thread in rounds[-1].threads:
                        thread.start()
                    time.sleep(chance.uniform(0, 0.15))
                finally:
                    emulator.process.kill()
                    emulator.process.wait(20)
                    emulator.process.stdout.close()
                    emulator.log.close()
                for thread in rounds[-1].threads:
                    thread.join(20)
                    self.assertFalse(thread.is_alive())
                written += len(rounds[-1].acknowledged)
        # It is about writes, and there were some.
        self.assertGreater(written, ROUNDS)


class Starts(unittest.TestCase):
    """What keeps it from starting is told in a sentence; what does not, does
    not keep it from serving."""

    def refuse(self, text, *words):
        done = subprocess.run(words, capture_output=True, text=True, timeout=20,
                              stdin=subprocess.DEVNULL, cwd='/')
        self.assertEqual((done.returncode, done.stdout), (1, ''), done.stderr)
        self.assertIn(text, done.stderr)
        self.assertEqual(done.stderr.count('\n'), 1, done.stderr)

    def test_port_in_use(self):
        with socket.create_server(('127.0.0.1', 0)) as other:
            port = str(other.getsockname()[1])
            self.refuse(f'cannot listen on 127.0.0.1 port {port}: ',
                        PROGRAM, '--port', port)

    def test_privileged_port(self):
        with open('/proc/sys/net/ipv4/ip_unprivileged_port_start',
                  encoding='ascii') as file:
            first = int(file.read())
        if os.geteuid() == 0:
            program = tempfile.NamedTemporaryFile(dir='/tmp', delete=False)
            self.addCleanup(os.unlink, program.name)
            with open(PROGRAM, 'rb') as file:
                shutil.copyfileobj(file, program)
            program.close()
            os.chmod(program.name, 0o755)
            words = ['setpriv', '--reuid=65534', '--regid=65534',
                     '--clear-groups', '--inh-caps=-all',
                     '--bounding-set=-all', program.name]
        else:
            words = [PROGRAM]
        if first <= 1: # every port is for everybody here
            words = ['unshare', '--user', '--net', 'sh', '-c',
                     'exec "$0" "$@"', *words]
        self.refuse('cannot listen on 127.0.0.1 port 1: Permission denied',
                    *words, '--port', '1')

    def test_too_few_files(self):
        self.refuse('the process may open 20 files, expected at least 64',
                    'sh', '-c', 'ulimit -n 20; exec "$0" --port 0', PROGRAM)

    def serve(self, redirection, closed=()):
        """Start it with streams of its own, call it a few times, end it;
        nothing stands in the place of a closed one."""
        with tempfile.TemporaryDirectory() as folder:
            ready = os.path.join(folder, 'ready')
            os.mkfifo(ready)
            process = subprocess.Popen(
                ['sh', '-c', f'exec "$0" --port 0 --db "$1/state.db" '
                 f'{redirection} > "$1/ready"', PROGRAM, folder])
            self.addCleanup(process.wait, 20)
            self.addCleanup(process.kill)
            with open(ready, encoding='utf-8') as file:
                port = json.loads(file.readline())['port']
            for number in closed:
                self.assertEqual(os.readlink(f'/proc/{process.pid}/fd/{number}'),
                                 '/dev/null')
            host = f'127.0.0.1:{port}'
            for _ in range(5):
                headers = sign('POST', '/CreateChannel', host, b'{}')
                text = 'POST /CreateChannel HTTP/1.1\r\n' + ''.join(
                    f'{n}: {v}\r\n' for n, v in headers.items()) + (
                    'Connection: close\r\nContent-Length: 2\r\n\r\n{}')
                with socket.create_connection(('127.0.0.1', port),
                                              timeout=20) as connection:
                    connection.sendall(text.encode())
                    answer = b''
                    while part := connection.recv(65536):
                        answer += part
                head, body = answer.split(b'\r\n\r\n')
                self.assertTrue(head.startswith(b'HTTP/1.1 200 '), head)
                json.loads(body)
            process.terminate()
            self.assertEqual(process.wait(20), 0)

    def test_log_that_cannot_be_written_keeps_nobody_waiting(self):
        self.serve('2> /dev/full')

    def test_closed_streams_are_not_what_it_serves_on(self):
        self.serve('2>&-', closed=[2])
        self.serve('2>&- 0<&-', closed=[0, 2])


if __name__ == '__main__':
    main()
