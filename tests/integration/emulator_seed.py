#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""/_/seed and --seed-file of ivs-emulator: state as one document, put there
whole or not at all, and told in the same form."""

import copy
import json
import os
import tempfile

from emulator import Case, Emulator, Key, full_disk, main, now

ACCOUNT = '123456789012'
REGION = 'eu-west-1'


def arn(kind, name, account=ACCOUNT, region=REGION):
    return f'arn:aws:ivs:{region}:{account}:{kind}/{name}'


KEY = Key()
DOCUMENT = {
    'clock': {'advance_s': 86400},
    'faults': [{'operation': 'ListStreams', 'status': 503, 'after': 5}],
    'accounts': [
        {'account': ACCOUNT, 'region': REGION,
         'playbackKeyPairs': [
             {'id': 'keykeykey001', 'name': 'first', 'tags': {'a': 'b'},
              'publicKeyMaterial': KEY.public}],
         'recordingConfigurations': [
             {'id': 'recordrecord', 'name': 'keep', 'destinationConfiguration':
              {'s3': {'bucketName': 'my-bucket'}}}],
         'playbackRestrictionPolicies': [
             {'id': 'policypolicy', 'allowedCountries': ['DE', 'FR'],
              'allowedOrigins': ['https://example.com'],
              'enableStrictOriginEnforcement': True}],
         'adConfigurations': [
             {'id': 'adadadadadad', 'mediaTailorPlaybackConfigurations': [
                 {'playbackConfigurationArn':
                  'arn:aws:mediatailor:eu-west-1:123456789012:'
                  'playbackConfiguration/x'}]}],
         'channels': [
             {'id': 'privateLIVE1', 'name': 'live', 'authorized': True,
              'tags': {'team': 'video'}, 'latencyMode': 'NORMAL',
              'streamKey': {'id': 'streamkeyone',
                            'value': 'sk_eu-west-1_streamkeyone_secret'},
              'passphrase': 'passphrase-of-srt',
              'stream': {'health': 'STARVING'},
              'revocations': [
                  {'viewerId': 'v1'},
                  {'viewerId': 'v2',
                   'viewerSessionVersionsLessThanOrEqualTo': 7}]},
             {'id': 'referring001', 'type': 'ADVANCED_HD',
              'recordingConfigurationArn':
              arn('recording-configuration', 'recordrecord'),
              'playbackRestrictionPolicyArn':
              arn('playback-restriction-policy', 'policypolicy'),
              'adConfigurationArn': arn('ad-configuration', 'adadadadadad'),
              'streamKey': None}]},
        {'region': 'us-west-2', 'channels': [{}]}]}


class Seed(Case):
    def setUp(self):
        self.done(self.emulator.control('/_/reset', {}))

    def seed(self, document):
        return self.emulator.control('/_/seed', document)

    def export(self):
        return self.done(self.emulator.control('/_/seed'))

    def call(self, operation, value=None):
        return self.done(self.emulator.call(
            operation, value, key=ACCOUNT, region=REGION))

    def play(self, emulator, viewer, version=None):
        """The status of playing the private channel."""
        channel = arn('channel', 'privateLIVE1')
        claims = {'aws:channel-arn': channel, 'aws:viewer-id': viewer,
                  'aws:access-control-allow-origin': '*',
                  'exp': now() + 86400 + 300}
        if version is not None:
            claims['aws:viewer-session-version'] = version
        return emulator.request(
            'GET', f'/api/video/v1/{REGION}.{ACCOUNT}.channel.privateLIVE1'
            f'.m3u8?token={KEY.token(claims)}').status

    def test_everything_is_there(self):
        self.done(self.seed(DOCUMENT))
        clock = self.done(self.emulator.control('/_/clock'))
        self.assertEqual(clock['offset_s'], 86400)
        rule, = self.done(self.emulator.control('/_/faults'))['faults']
        self.assertEqual(rule['operation'], 'ListStreams')
        channel = self.call('GetChannel',
                            {'arn': arn('channel', 'privateLIVE1')})['channel']
        self.assertEqual(
            (channel['name'], channel['authorized'], channel['latencyMode'],
             channel['tags'], channel['srt']['passphrase']),
            ('live', True, 'NORMAL', {'team': 'video'}, 'passphrase-of-srt'))
        key = self.call('GetStreamKey',
                        {'arn': arn('stream-key', 'streamkeyone')})
        self.assertEqual(key['streamKey']['value'],
                         'sk_eu-west-1_streamkeyone_secret')
        stream = self.call('GetStream', {
            'channelArn': arn('channel', 'privateLIVE1')})['stream']
        self.assertEqual((stream['state'], stream['health']),
                         ('LIVE', 'STARVING'))
        pair = self.call('GetPlaybackKeyPair', {
            'arn': arn('playback-key', 'keykeykey001')})['keyPair']
        self.assertEqual((pair['name'], pair['tags']), ('first', {'a': 'b'}))
        other = self.call('GetChannel',
                          {'arn': arn('channel', 'referring001')})['channel']
        self.assertEqual(other['preset'], 'HIGHER_BANDWIDTH_DELIVERY')
        self.assertEqual(self.call('ListStreamKeys', {
            'channelArn': arn('channel', 'referring001')})['streamKeys'], [])
        self.assertEqual([self.play(self.emulator, 'v1'),
                          self.play(self.emulator, 'v2', 7),
                          self.play(self.emulator, 'v2', 8),
                          self.play(self.emulator, 'v3')],
                         [403, 403, 200, 200])
        default = self.done(self.emulator.call('ListChannels'))['channels']
        self.assertEqual(len(default), 1)

    def test_what_is_told_can_be_put_there_again(self):
        self.done(self.seed(DOCUMENT))
        first = self.export()
        self.done(self.emulator.control('/_/reset', {}))
        self.assertEqual(self.export(), {'clock': {'advance_s': 0},
                                         'faults': [], 'accounts': []})
        self.done(self.seed(first))
        self.assertEqual(self.export(), first)
        # All that was given is in it.
        account, = [a for a in first['accounts'] if a['account'] == ACCOUNT]
        for kind in DOCUMENT['accounts'][0]:
            given = DOCUMENT['accounts'][0][kind]
            if not isinstance(given, list):
                continue
            for want, got in zip(given, account[kind], strict=True):
                for name, value in want.items():
                    if name == 'revocations':
                        value = [{'viewerSessionVersionsLessThanOrEqualTo': 0,
                                  **r} for r in value]
                    self.assertEqual(got[name], value, name)

    def test_it_adds_to_what_is_there(self):
        self.done(self.emulator.call('CreateChannel'))
        self.done(self.seed({'accounts': [{'region': 'us-west-2',
                                           'channels': [{}, {}]}]}))
        self.assertEqual(
            len(self.done(self.emulator.call('ListChannels'))['channels']), 3)
        self.done(self.seed({}))

    def test_a_mistake_is_told_with_its_place_and_nothing_is_done(self):
        before = self.export()

        def channel(**members):
            return {'channels': [{}, members]}

        for account, text in (
                (7, 'accounts[1] is an integer, expected an object'),
                ({'region': 1}, 'accounts[1].region is an integer'),
                ({'region': 'A'}, "accounts[1].region is 'A', expected"),
                ({'region': 'a' * 33}, 'accounts[1].region has 33 bytes'),
                ({'account': '12'}, "accounts[1].account is '12', expected 12"),
                ({'other': 1}, "accounts[1] has a member 'other'"),
                ({'channels': {}}, 'accounts[1].channels is an object'),
                ({'channels': ['x']}, 'accounts[1].channels[0] is not an'),
                (channel(name='white space'),
                 'accounts[1].channels[1].name is refused: '),
                (channel(latencyMode='SLOW'),
                 'accounts[1].channels[1].latencyMode is refused: '),
                (channel(nam='x'), "accounts[1].channels[1].nam is refused: "),
                (channel(tags={'aws:x': 'y'}),
                 'accounts[1].channels[1] is refused: '),
                (channel(id='short'),
                 "accounts[1].channels[1].id is 'short', expected 12"),
                (channel(id='privateLIVE1'),
                 'with id privateLIVE1 already'),
                (channel(recordingConfigurationArn=arn(
                    'recording-configuration', 'nonenonenone')),
                 'accounts[1].channels[1] is refused: Resource: '),
                (channel(streamKey={'id': 'x'}),
                 "accounts[1].channels[1].streamKey.id is 'x'"),
                (channel(streamKey={'other': 'x'}),
                 'accounts[1].channels[1].streamKey has a member'),
                (channel(passphrase=''),
                 'accounts[1].channels[1].passphrase has 0 bytes'),
                (channel(stream={'health': 'FINE'}),
                 "accounts[1].channels[1].stream.health is 'FINE', expected"),
                (channel(stream={'state': 'LIVE'}),
                 'accounts[1].channels[1].stream has a member'),
                (channel(revocations={}),
                 'accounts[1].channels[1].revocations is an object'),
                (channel(revocations=[{}]),
                 'accounts[1].channels[1].revocations[0].viewerId is refused'),
                (channel(revocations=[{'viewerId': 'x', 'channelArn': 'y'}]),
                 'accounts[1].channels[1].revocations[0].channelArn is the'),
                ({'playbackKeyPairs': [{'publicKeyMaterial': 'x'}]},
                 'accounts[1].playbackKeyPairs[0] is refused: '),
                ({'playbackKeyPairs': [{}]},
                 'accounts[1].playbackKeyPairs[0].publicKeyMaterial is'),
                ({'recordingConfigurations': [{'streamKey': {}}]},
                 'accounts[1].recordingConfigurations[0].streamKey is')):
            document = copy.deepcopy(DOCUMENT)
            if isinstance(account, dict):
                account = {'account': ACCOUNT, 'region': REGION, **account}
            document['accounts'][1] = account
            message = self.refused(self.seed(document), 400,
                                   'ValidationException')
            self.assertIn(text, message)
            self.assertEqual(self.export(), before)
        for document, text in (
                ({'accounts': [{}]}, 'accounts[0].region is missing'),
                ({'accounts': {}}, 'accounts is an object, expected a list'),
                ({'acounts': []}, "the document has a member 'acounts'"),
                ({**DOCUMENT, 'clock': {'now_s': 'x'}}, 'clock.now_s is a string, expected an integer'),
                ({**DOCUMENT, 'clock': {'now_s': -1}}, 'clock.now_s is -1, expected 0 to 253402300799'),
                ({**DOCUMENT, 'clock': {'s': 1}},
                 "clock has a member 's', which is unknown, expected now_s, "
                 'advance_s'),
                ({**DOCUMENT, 'clock': {'now_s': 1, 'advance_s': 1}},
                 'clock has now_s and advance_s, expected one'),
                ({**DOCUMENT, 'clock': {'advance_s': -253402300799}},
                 'clock.advance_s is -253402300799, which leads to a time '
                 'outside'),
                ({**DOCUMENT, 'faults': [{'operation': 'x'}]},
                 'faults[0].operation is')):
            self.assertIn(text, self.refused(self.seed(document), 400,
                                             'ValidationException'))
            self.assertEqual(self.export(), before)

    def test_malformed_text_is_told_with_its_place_and_not_quoted(self):
        for path in '/_/seed', '/_/clock', '/_/faults', '/_/streams':
            answer = self.emulator.request(
                'POST', path, body=b'{\n "value": sk_us-west-2_secret}')
            self.assertEqual(
                self.refused(answer, 400, 'ValidationException'),
                'the request body is not well-formed JSON at line 2, column '
                '12')

    def test_quotas_of_resources_hold(self):
        pairs = [{'publicKeyMaterial': Key().public} for _ in range(4)]
        self.assertIn('accounts[0].playbackKeyPairs[3] is refused', self.refused(
            self.seed({'accounts': [{'region': 'us-west-2',
                                     'playbackKeyPairs': pairs}]}),
            400, 'ValidationException'))

    def test_what_cannot_be_stored_leaves_no_rules(self):
        with tempfile.TemporaryDirectory() as folder:
            own = Emulator('--db', os.path.join(folder, 'db'),
                           prefix=['env', '--ignore-signal=XFSZ'])
            self.addCleanup(own.stop)
            with full_disk(own):
                self.assertEqual(own.control('/_/seed', DOCUMENT).status, 500)
            self.assertEqual(own.control('/_/seed').json, {
                'clock': {'advance_s': 0}, 'faults': [], 'accounts': []})
            # Room that was kept for them is there again.
            rules = [{'operation': '*', 'latency_ms': 1}] * 100
            self.done(own.control('/_/faults', {'faults': rules}))
            self.assertIn('faults would make more than 100 rules',
                          self.refused(own.control('/_/seed', DOCUMENT), 400,
                                       'ValidationException'))

    def test_file(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'seed.json')
            database = os.path.join(folder, 'state.db')
            with open(path, 'w', encoding='utf-8') as file:
                json.dump(DOCUMENT, file)
            own = Emulator('--no-quotas', '--seed-file', path, '--db', database)
            self.assertEqual(self.play(own, 'v3'), 200)
            first = own.control('/_/seed').json
            self.assertEqual(own.stop(), 0)
            # Only into a state without resources.
            own = Emulator('--no-quotas', '--seed-file', path, '--db', database)
            again = own.control('/_/seed').json
            self.assertEqual(again['accounts'], first['accounts'])
            self.assertEqual((again['clock']['advance_s'], again['faults']),
                             (0, []))
            self.assertIn('has resources', own.errors())
            self.assertEqual(own.stop(), 0)

    def test_file_that_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'seed.json')
            for text, want in (
                    (None, 'seed.json'), ('', 'seed.json'),
                    ('[]', 'the document is a list, expected an object'),
                    ('{"accounts":[],"accounts":[]}',
                     'the member "accounts" twice, at line 1, column 25'),
                    ('{\n  "accounts": [sk_us-west-2_secret]\n}',
                     'seed.json is not well-formed JSON at line 2, column 17\n'),
                    ('{"accounts":[{}]}',
                     'seed.json: accounts[0].region is missing')):
                if text is not None:
                    with open(path, 'w', encoding='utf-8') as file:
                        file.write(text)
                with self.assertRaises(RuntimeError) as raised:
                    Emulator('--seed-file', path)
                self.assertIn(want, str(raised.exception))


if __name__ == '__main__':
    main()
