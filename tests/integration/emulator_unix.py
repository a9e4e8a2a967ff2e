#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""ivs-emulator --unix: who may reach the socket, what becomes of its place."""

import fcntl
import http.client
import json
import os
import signal
import socket
import stat
import subprocess
import tempfile
import unittest

from emulator import PROGRAM, main, sign


class Connection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__('localhost', timeout=20)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(20)
        self.sock.connect(self.path)


class Unix(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = os.path.join(self.folder.name, 'socket')

    def start(self, *options):
        process = subprocess.Popen(
            [PROGRAM, '--unix', self.path, '--quiet', *options],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(process.wait, 20)
        self.addCleanup(process.kill)
        self.ready = json.loads(process.stdout.readline())
        process.stdout.close()
        return process

    def refuse(self, text, *words, code=1):
        done = subprocess.run([PROGRAM, *words], capture_output=True,
                              text=True, timeout=20, stdin=subprocess.DEVNULL)
        self.assertEqual((done.returncode, done.stdout), (code, ''),
                         done.stderr)
        self.assertIn(text, done.stderr)

    def end(self, process, number=signal.SIGTERM):
        process.send_signal(number)
        return process.wait(20)

    def request(self, method, target, headers=None, body=None):
        connection = Connection(self.path)
        connection.request(method, target, body, headers or {})
        response = connection.getresponse()
        answer = response.status, response.read()
        connection.close()
        return answer

    def test_ready_line_and_curl(self):
        process = self.start()
        self.assertEqual(self.ready, {
            'ready': True, 'url': 'http://localhost', 'accessKeyId': 'test',
            'socket': self.path})
        done = subprocess.run(
            ['curl', '-fsS', '--unix-socket', self.path,
             'http://localhost/_/health'], capture_output=True, timeout=20)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)['status'], 'ok')
        self.assertEqual(self.end(process), 0)
        self.assertFalse(os.path.lexists(self.path))

    def test_api_and_faults(self):
        self.start()
        body = b'{}'
        headers = sign('POST', '/CreateChannel', 'localhost', body)
        status, data = self.request('POST', '/CreateChannel', headers, body)
        self.assertEqual(status, 200, data)
        self.assertTrue(json.loads(data)['channel']['playbackUrl'].startswith(
            'http://localhost/api/'))
        for reset in 'before', 'mid_body':
            self.request('DELETE', '/_/faults')
            self.request('POST', '/_/faults', {}, json.dumps(
                {'faults': [{'operation': '*', 'reset': reset}]}))
            with self.assertRaises((ConnectionError,
                                    http.client.IncompleteRead)):
                self.request('POST', '/CreateChannel', headers, body)

    def test_only_its_owner_may_connect(self):
        previous = os.umask(0)
        try:
            self.start()
        finally:
            os.umask(previous)
        self.assertEqual(stat.S_IMODE(os.lstat(self.path).st_mode), 0o600)

    def test_hosts_are_those_of_loopback(self):
        self.start()
        for host, status in (('localhost', 200), ('a.localhost', 200),
                             ('127.0.0.1:1', 200), ('a.example', 403)):
            self.assertEqual(self.request(
                'GET', '/_/health', {'Host': host})[0], status, host)

    def test_a_living_one_keeps_its_place(self):
        process = self.start()
        self.refuse('another process listens there', '--unix', self.path)
        self.assertEqual(self.request('GET', '/_/health')[0], 200)
        self.assertEqual(self.end(process), 0)

    def test_the_place_of_a_dead_one_is_taken(self):
        process = self.start()
        self.assertEqual(self.end(process, signal.SIGKILL), -signal.SIGKILL)
        self.assertTrue(os.path.lexists(self.path))
        self.start()
        self.assertEqual(self.request('GET', '/_/health')[0], 200)

    def test_of_several_one_takes_the_place_of_a_dead_one(self):
        for _ in range(5):
            socket.socket(socket.AF_UNIX).bind(self.path)
            starts = [subprocess.Popen(
                [PROGRAM, '--unix', self.path, '--quiet'],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, text=True) for _ in range(6)]
            lines = [(start, start.stdout.readline()) for start in starts]
            [one] = [start for start, line in lines if line]
            self.assertEqual(self.request('GET', '/_/health')[0], 200)
            one.terminate()
            for start in starts:
                error = start.communicate(timeout=20)[1]
                self.assertEqual(start.returncode, 0 if start is one else 1)
                self.assertIn('' if start is one else
                              'another process listens there', error)
            self.assertFalse(os.path.lexists(self.path))

    def test_a_start_waits_for_another_but_not_for_ever(self):
        socket.socket(socket.AF_UNIX).bind(self.path)
        folder = os.open(self.folder.name, os.O_RDONLY)
        fcntl.flock(folder, fcntl.LOCK_EX)
        self.refuse('another process has its folder locked', '--unix',
                    self.path)
        os.close(folder)
        self.start()
        self.assertEqual(self.request('GET', '/_/health')[0], 200)

    def test_other_files_stay(self):
        with open(self.path, 'w', encoding='ascii') as file:
            file.write('text')
        self.refuse('there is a file that is no socket', '--unix', self.path)
        os.rename(self.path, self.path + '.text')
        os.symlink(self.path + '.text', self.path)
        self.refuse('there is a file that is no socket', '--unix', self.path)
        with open(self.path, encoding='ascii') as file:
            self.assertEqual(file.read(), 'text')

    def test_what_has_taken_its_place_stays(self):
        process = self.start()
        os.unlink(self.path)
        with open(self.path, 'w', encoding='ascii') as file:
            file.write('text')
        self.assertEqual(self.end(process), 0)
        self.assertTrue(os.path.exists(self.path))

    def test_what_is_refused(self):
        self.refuse('its folder cannot be read, which locking it takes: '
                    'No such file', '--unix', self.path + '/no/such')
        self.refuse('expected at most 107', '--unix', '/' + 'x' * 107)
        for words in (['--port', '0'], ['--host', '::1'], ['--', 'true']):
            self.refuse('--unix', '--unix', self.path, *words, code=2)


if __name__ == '__main__':
    main()
