#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""ivs-emulator --seed: the same calls give the same ids and the same chances in
two runs, whatever other accounts do meanwhile."""

import os
import re
import tempfile
import unittest

from emulator import Emulator, Key, main

KEY = Key()


class Repeat(unittest.TestCase):
    def ids(self, emulator, account='test', between=lambda: None):
        """Every id of a course of calls, in order."""
        made = []

        def call(operation, value=None):
            answer = emulator.call(operation, value, key=account)
            self.assertIn(answer.status, (200, 204), answer.body)
            between()
            return answer.json if answer.body else None

        created = call('CreateChannel', {'name': 'a'})
        channel = created['channel']
        made += [channel['arn'], channel['srt']['passphrase'],
                 created['streamKey']['arn'], created['streamKey']['value']]
        made.append(call('ImportPlaybackKeyPair', {
            'publicKeyMaterial': KEY.public})['keyPair']['arn'])
        made.append(call('CreatePlaybackRestrictionPolicy')
                    ['playbackRestrictionPolicy']['arn'])
        made.append(emulator.stream(channel['arn']).json['streamId'])
        made.append(call('InsertAdBreak', {
            'channelArn': channel['arn'], 'durationSeconds': 30})['adBreakId'])
        target = '/' + channel['playbackUrl'].split('/', 3)[3]
        for _ in range(2):
            playlist = emulator.request('GET', target).body.decode()
            made += sorted(set(re.findall(r'[0-9a-f]{32}', playlist)))
            between()
        self.assertEqual(len(set(made)), len(made))
        return made

    def run_once(self, *options, **how):
        emulator = Emulator('--no-quotas', *options)
        made = self.ids(emulator, **how)
        self.assertEqual(emulator.stop(), 0)
        return made

    def test_two_runs_are_the_same(self):
        first = self.run_once('--seed', '7')
        self.assertGreaterEqual(len(first), 10)
        self.assertEqual(self.run_once('--seed', '7'), first)
        for other in (self.run_once('--seed', '8'), self.run_once(),
                      self.run_once()):
            self.assertFalse(set(other) & set(first))

    def test_other_accounts_and_requests_change_nothing(self):
        first = self.run_once('--seed', '1', account='111111111111')
        emulator = Emulator('--no-quotas', '--seed', '1')

        def between():
            emulator.call('CreateChannel', key='222222222222')
            emulator.call('CreateChannel', key='111111111111',
                          region='eu-west-1')
            emulator.control('/_/health')

        self.assertEqual(
            self.ids(emulator, account='111111111111', between=between), first)
        self.assertEqual(emulator.stop(), 0)

    def test_reset_begins_again(self):
        emulator = Emulator('--no-quotas', '--seed', '7')
        first = self.ids(emulator)
        self.assertEqual(emulator.control('/_/reset', {}).status, 200)
        self.assertEqual(self.ids(emulator), first)
        self.assertEqual(emulator.stop(), 0)

    def test_request_ids(self):
        runs = []
        for _ in range(2):
            emulator = Emulator('--seed', '7')
            runs.append([emulator.control('/_/health').headers[
                'x-amzn-RequestId'] for _ in range(3)])
            self.assertEqual(emulator.stop(), 0)
        self.assertEqual(runs[0], runs[1])
        self.assertEqual(len(set(runs[0])), 3)
        for text in runs[0]:
            self.assertRegex(text, '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-'
                                   '[89ab][0-9a-f]{3}-[0-9a-f]{12}$')

    def test_chances(self):
        runs = []
        for seed in '7', '7', '8':
            emulator = Emulator('--no-quotas', '--seed', seed)
            emulator.control('/_/faults', {'faults': [
                {'operation': 'ListChannels', 'status': 500,
                 'probability': 0.5}]})
            runs.append([emulator.call('ListChannels').status
                         for _ in range(40)])
            self.assertEqual(emulator.stop(), 0)
        self.assertEqual(runs[0], runs[1])
        self.assertNotEqual(runs[0], runs[2])

    def test_a_run_that_goes_on_makes_no_id_twice(self):
        with tempfile.TemporaryDirectory() as folder:
            options = ('--seed', '7', '--db', os.path.join(folder, 'state.db'))
            made = self.run_once(*options)
            for _ in range(2):
                emulator = Emulator('--no-quotas', *options)
                made += [emulator.call('CreateChannel').json['channel']['arn']
                         for _ in range(5)]
                self.assertEqual(emulator.stop(), 0)
        self.assertEqual(len(set(made)), len(made))


if __name__ == '__main__':
    main()
