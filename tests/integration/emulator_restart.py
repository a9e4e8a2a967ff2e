#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Ended and begun again while it is called; logs that cannot be written."""

import concurrent.futures
import http.client
import os
import tempfile
import threading
import time

from emulator import Case, Emulator, main

CALLERS = 8
ROUNDS = 5


class Restart(Case):
    def test_under_load_nothing_that_was_acknowledged_is_lost(self):
        with tempfile.TemporaryDirectory() as folder:
            made, tried = set(), set()
            for turn in range(ROUNDS):
                emulator = Emulator('--no-quotas', '--quiet', '--db',
                                    os.path.join(folder, 'state'))
                self.check(emulator, made, tried)
                self.load(emulator, turn, made, tried)
            emulator = Emulator('--no-quotas', '--db',
                                os.path.join(folder, 'state'))
            self.check(emulator, made, tried)
            self.assertEqual(emulator.stop(), 0)
        self.assertGreater(len(made), ROUNDS * CALLERS)

    def load(self, emulator, turn, made, tried):
        """Callers that create channels until it ends."""
        lock = threading.Lock()

        def caller(number):
            for i in range(10 ** 6):
                name = f'n{turn}-{number}-{i}'
                with lock:
                    tried.add(name)
                try:
                    answer = emulator.call('CreateChannel', {'name': name})
                except (OSError, http.client.HTTPException):
                    return
                self.assertEqual(answer.status, 200, answer.body)
                with lock:
                    made.add(name)

        with concurrent.futures.ThreadPoolExecutor(CALLERS) as pool:
            callers = [pool.submit(caller, i) for i in range(CALLERS)]
            enough = len(made) + 2 * CALLERS
            end = time.monotonic() + 60
            while len(made) < enough and time.monotonic() < end:
                time.sleep(0.01)
            self.assertEqual(emulator.stop(), 0)
            for done in callers:
                done.result(60)

    def check(self, emulator, made, tried):
        listed = []
        page = {'maxResults': 100}
        while page:
            answer = self.done(emulator.call('ListChannels', page))
            listed += [c['name'] for c in answer['channels']]
            page = ({'maxResults': 100, 'nextToken': answer['nextToken']}
                    if 'nextToken' in answer else None)
        self.assertEqual(len(listed), len(set(listed)))
        self.assertLessEqual(made, set(listed))
        self.assertLessEqual(set(listed), tried)


class Log(Case):
    def test_full_disk_is_no_reason_to_stop(self):
        with open('/dev/full', 'w') as full:
            emulator = Emulator('--no-quotas', log=full)
        try:
            for _ in range(200):
                self.done(emulator.control('/_/health'))
            self.done(emulator.call('CreateChannel'))
        finally:
            self.assertEqual(emulator.stop(), 0)


if __name__ == '__main__':
    main()
