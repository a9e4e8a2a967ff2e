#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Stream keys, what channels refer to, and tags on all of it."""

import tempfile

from emulator import Case, Emulator, Key, main

KINDS = {
    'RecordingConfiguration': {
        'input': {'destinationConfiguration': {'s3': {'bucketName': 'b-1'}}},
        'defaults': {
            'name': '', 'tags': {}, 'state': 'ACTIVE',
            'recordingReconnectWindowSeconds': 0,
            'destinationConfiguration': {'s3': {'bucketName': 'b-1'}},
            'thumbnailConfiguration': {
                'recordingMode': 'INTERVAL', 'targetIntervalSeconds': 60,
                'storage': ['SEQUENTIAL']},
            'renditionConfiguration': {'renditionSelection': 'ALL',
                                       'renditions': []}},
        'given': {
            'name': 'given', 'tags': {'a': 'b'},
            'recordingReconnectWindowSeconds': 300,
            'destinationConfiguration': {'s3': {'bucketName': 'b-2'}},
            'thumbnailConfiguration': {
                'recordingMode': 'DISABLED', 'targetIntervalSeconds': 1,
                'resolution': 'HD', 'storage': ['LATEST']},
            'renditionConfiguration': {'renditionSelection': 'CUSTOM',
                                       'renditions': ['SD', 'HD']}},
        'bad': [
            {}, {'destinationConfiguration': {'s3': {}}},
            {'destinationConfiguration': {'s3': {'bucketName': 'A'}}},
            {'destinationConfiguration': {}, 'name': 'white space'},
            {'destinationConfiguration': {},
             'recordingReconnectWindowSeconds': 301},
            {'destinationConfiguration': {},
             'thumbnailConfiguration': {'targetIntervalSeconds': 61}},
            {'destinationConfiguration': {},
             'renditionConfiguration': {'renditions': ['4K']}}],
        'summary': {'arn', 'name', 'destinationConfiguration', 'state',
                    'tags'}},
    'PlaybackRestrictionPolicy': {
        'input': {},
        'defaults': {'name': '', 'tags': {}, 'allowedCountries': [],
                     'allowedOrigins': [],
                     'enableStrictOriginEnforcement': False},
        'given': {'name': 'given', 'tags': {'a': 'b'},
                  'allowedCountries': ['US', 'IE'],
                  'allowedOrigins': ['https://example.com'],
                  'enableStrictOriginEnforcement': True},
        'bad': [{'allowedCountries': ['USA']},
                {'allowedOrigins': ['x' * 129]},
                {'enableStrictOriginEnforcement': 'yes'},
                {'name': 'x' * 129}, {'more': 1}],
        'summary': {'arn', 'allowedCountries', 'allowedOrigins',
                    'enableStrictOriginEnforcement', 'name', 'tags'}},
    'AdConfiguration': {
        'input': {'mediaTailorPlaybackConfigurations': [{}]},
        'defaults': {'name': '', 'tags': {},
                     'mediaTailorPlaybackConfigurations': [{}]},
        'given': {'name': 'given', 'tags': {'a': 'b'},
                  'mediaTailorPlaybackConfigurations': [
                      {'playbackConfigurationArn':
                       'arn:aws:mediatailor:us-west-2:1:'
                       'playbackConfiguration/a'}],
                  'postRollConfiguration': {'durationSeconds': 30,
                                            'enabled': True}},
        'bad': [{}, {'mediaTailorPlaybackConfigurations': []},
                {'mediaTailorPlaybackConfigurations': [{}] * 4},
                {'mediaTailorPlaybackConfigurations': [
                    {'playbackConfigurationArn': 'x'}]},
                {'mediaTailorPlaybackConfigurations': [{}],
                 'postRollConfiguration': {'enabled': True}},
                {'mediaTailorPlaybackConfigurations': [{}],
                 'postRollConfiguration': {'enabled': True,
                                           'durationSeconds': 301}}],
        'summary': {'arn', 'name', 'mediaTailorPlaybackConfigurations',
                    'tags'}},
}
REFERENCES = {'RecordingConfiguration': 'recordingConfigurationArn',
              'PlaybackRestrictionPolicy': 'playbackRestrictionPolicyArn',
              'AdConfiguration': 'adConfigurationArn'}


def first_small(text):
    return text[0].lower() + text[1:]


def plural(kind):
    return f'{kind[:-1]}ies' if kind.endswith('y') else f'{kind}s'


def path_of(kind):
    return {'RecordingConfiguration': 'recording-configuration',
            'PlaybackRestrictionPolicy': 'playback-restriction-policy',
            'AdConfiguration': 'ad-configuration'}[kind]


class ResourceCase(Case):
    def ok(self, operation, value=None, status=200, **how):
        return self.done(self.emulator.call(operation, value, **how), status)

    def no(self, operation, value, status, name, **how):
        return self.refused(self.emulator.call(operation, value, **how),
                            status, name)

    def create(self, kind, value=None, **how):
        return self.ok(f'Create{kind}', value or KINDS[kind]['input'],
                       **how)[first_small(kind)]

    def channel(self, value=None, **how):
        return self.ok('CreateChannel', value, **how)['channel']


class Configurations(ResourceCase):
    def test_members_and_what_they_are_without_input(self):
        for kind, facts in KINDS.items():
            with self.subTest(kind):
                made = self.create(kind)
                self.assertRegex(
                    made['arn'], '^arn:aws:ivs:us-west-2:000000000000:'
                    f'{path_of(kind)}/[0-9A-Za-z]{{12}}$')
                arn = made.pop('arn')
                self.assertEqual(made, facts['defaults'])
                given = self.create(kind, facts['given'])
                self.assertEqual(given, {
                    **facts['defaults'], **facts['given'],
                    'arn': given['arn']})
                got = self.ok(f'Get{kind}', {'arn': arn})[first_small(kind)]
                self.assertEqual(got, {**made, 'arn': arn})

    def test_lists(self):
        for n, (kind, facts) in enumerate(KINDS.items()):
            how = {'key': f'50000000000{n}'}
            result = plural(first_small(kind))
            with self.subTest(kind):
                self.assertEqual(self.ok(f'List{plural(kind)}', **how),
                                 {result: []})
                arns = [self.create(kind, **how)['arn'] for _ in range(3)]
                page = self.ok(f'List{plural(kind)}', {'maxResults': 2}, **how)
                self.assertEqual([r['arn'] for r in page[result]], arns[:2])
                self.assertEqual(set(page[result][0]), facts['summary'])
                page = self.ok(f'List{plural(kind)}', {
                    'maxResults': 2, 'nextToken': page['nextToken']}, **how)
                self.assertEqual([r['arn'] for r in page[result]], arns[2:])
                self.assertNotIn('nextToken', page)
                self.no(f'List{plural(kind)}', {'maxResults': 101}, 400,
                        'ValidationException')

    def test_inputs_that_are_refused(self):
        for kind, facts in KINDS.items():
            for value in facts['bad']:
                with self.subTest(f'{kind} {value}'):
                    self.no(f'Create{kind}', value, 400,
                            'ValidationException')
            with self.subTest(f'{kind}, reserved tag'):
                self.no(f'Create{kind}', {**facts['input'],
                                          'tags': {'aws:a': 'b'}}, 400,
                        'ValidationException')

    def test_updates(self):
        for kind in ('PlaybackRestrictionPolicy', 'AdConfiguration'):
            facts = KINDS[kind]
            with self.subTest(kind):
                arn = self.create(kind, {**facts['input'],
                                         'tags': {'k': 'v'}})['arn']
                self.channel({REFERENCES[kind]: arn})
                change = {n: v for n, v in facts['given'].items()
                          if n != 'tags'}
                want = {**facts['defaults'], **change, 'arn': arn,
                        'tags': {'k': 'v'}}
                got = self.ok(f'Update{kind}', {'arn': arn, **change})
                self.assertEqual(got[first_small(kind)], want)
                got = self.ok(f'Update{kind}', {'arn': arn, 'name': ''})
                self.assertEqual(got[first_small(kind)], {**want, 'name': ''})
                got = self.ok(f'Get{kind}', {'arn': arn})
                self.assertEqual(got[first_small(kind)], {**want, 'name': ''})
                self.no(f'Update{kind}', {'arn': arn, 'tags': {}}, 400,
                        'ValidationException')

    def test_absent_foreign_and_malformed_arns(self):
        for kind in KINDS:
            arn = self.create(kind)['arn']
            operations = [f'Get{kind}', f'Delete{kind}']
            if kind != 'RecordingConfiguration':
                operations.append(f'Update{kind}')
            for operation in operations:
                with self.subTest(operation):
                    for gone in (arn[:-12] + 'zzzzzzzzzzzz',
                                 arn.replace('us-west-2', 'eu-west-1')):
                        self.no(operation, {'arn': gone}, 404,
                                'ResourceNotFoundException')
                    self.no(operation, {'arn': arn.replace(
                        ':000000000000:', ':999999999999:')}, 403,
                        'AccessDeniedException')
                    for bad in ('x', '', arn.replace(path_of(kind),
                                                     'channel')):
                        self.no(operation, {'arn': bad}, 400,
                                'ValidationException')
            self.ok(f'Delete{kind}', {'arn': arn}, 204)
            self.no(f'Delete{kind}', {'arn': arn}, 404,
                    'ResourceNotFoundException')

    def test_they_stay_while_a_channel_refers_to_them(self):
        for kind, member in REFERENCES.items():
            with self.subTest(kind):
                arn = self.create(kind)['arn']
                made = self.channel({member: arn})
                self.assertEqual(made[member], arn)
                taken = self.channel()
                taken = self.ok('UpdateChannel', {'arn': taken['arn'],
                                                  member: arn})['channel']
                self.assertEqual(taken[member], arn)
                self.no(f'Delete{kind}', {'arn': arn}, 409,
                        'ConflictException')
                self.ok('DeleteChannel', {'arn': made['arn']}, 204)
                self.no(f'Delete{kind}', {'arn': arn}, 409,
                        'ConflictException')
                self.ok('UpdateChannel', {'arn': taken['arn'], member: ''})
                self.ok(f'Delete{kind}', {'arn': arn}, 204)


class Channels(ResourceCase):
    def test_references_must_be_there(self):
        channel = self.channel()
        for kind, member in REFERENCES.items():
            arn = self.create(kind)['arn']
            for gone in (arn[:-12] + 'zzzzzzzzzzzz',
                         arn.replace('us-west-2', 'eu-west-1'),
                         arn.replace(':000000000000:', ':999999999999:')):
                with self.subTest(gone):
                    self.no('CreateChannel', {member: gone}, 404,
                            'ResourceNotFoundException')
                    self.no('UpdateChannel', {'arn': channel['arn'],
                                              member: gone}, 404,
                            'ResourceNotFoundException')
            self.no('CreateChannel', {member: channel['arn']}, 400,
                    'ValidationException')
        self.assertEqual(self.ok('GetChannel', {'arn': channel['arn']}),
                         {'channel': channel})

    def test_filters(self):
        how = {'key': '510000000000'}
        made = {member: self.create(kind, **how)['arn']
                for kind, member in REFERENCES.items()}
        channels = {member: self.channel({member: arn}, **how)['arn']
                    for member, arn in made.items()}
        named = self.channel({'name': 'n'}, **how)['arn']

        def listed(**value):
            return [c['arn'] for c in self.ok('ListChannels', value,
                                              **how)['channels']]
        for member, arn in made.items():
            name = f'filterBy{member[0].upper()}{member[1:]}'
            self.assertEqual(listed(**{name: arn}), [channels[member]])
            self.assertEqual(listed(**{name: arn[:-12] + 'zzzzzzzzzzzz'}), [])
            self.assertEqual(len(listed(**{name: ''})), 4)
            self.no('ListChannels', {name: arn, 'filterByName': 'n'}, 409,
                    'ConflictException', **how)
        self.assertEqual(listed(filterByName='n'), [named])
        self.assertEqual(listed(filterByName='N'), [])
        self.no('ListChannels', {
            'filterByAdConfigurationArn': made['adConfigurationArn'],
            'filterByRecordingConfigurationArn':
                made['recordingConfigurationArn']}, 409, 'ConflictException',
            **how)

    def test_presets_belong_to_advanced_types(self):
        for value, preset in [
                ({}, ''), ({'type': 'BASIC'}, ''),
                ({'type': 'ADVANCED_SD'}, 'HIGHER_BANDWIDTH_DELIVERY'),
                ({'type': 'ADVANCED_HD',
                  'preset': 'CONSTRAINED_BANDWIDTH_DELIVERY'},
                 'CONSTRAINED_BANDWIDTH_DELIVERY')]:
            with self.subTest(value):
                channel = self.channel(value)
                self.assertEqual(channel['preset'], preset)
                plain = self.ok('UpdateChannel', {'arn': channel['arn'],
                                                  'type': 'STANDARD'})
                self.assertEqual(plain['channel']['preset'], '')

    def test_multitrack(self):
        given = {'enabled': True, 'policy': 'REQUIRE',
                 'maximumResolution': 'HD'}
        off = {'enabled': False, 'policy': 'ALLOW',
               'maximumResolution': 'FULL_HD'}
        good = {'multitrackInputConfiguration': given,
                'containerFormat': 'FRAGMENTED_MP4'}
        channel = self.channel()
        self.assertEqual(channel['multitrackInputConfiguration'], off)
        self.assertEqual(channel['containerFormat'], 'TS')
        self.assertEqual(
            self.channel(good)['multitrackInputConfiguration'], given)
        for change in ({'containerFormat': 'TS'}, {'type': 'BASIC'},
                       {'type': 'ADVANCED_HD'},
                       {'multitrackInputConfiguration': {'enabled': True}},
                       {'multitrackInputConfiguration': {
                           'enabled': True, 'policy': 'ALLOW'}},
                       {'multitrackInputConfiguration': {
                           'enabled': True, 'maximumResolution': 'SD'}}):
            with self.subTest(change):
                self.no('CreateChannel', {**good, **change}, 400,
                        'ValidationException')
        del good['containerFormat']
        self.no('CreateChannel', good, 400, 'ValidationException')

    def test_addresses_are_those_of_account_and_region(self):
        one, two = self.channel(), self.channel()
        self.assertEqual(one['ingestEndpoint'], two['ingestEndpoint'])
        self.assertRegex(one['ingestEndpoint'],
                         r'^[0-9a-f]{12}\.global-contribute\.localhost$')
        self.assertEqual(one['srt']['endpoint'], two['srt']['endpoint'])
        self.assertNotEqual(one['srt']['passphrase'],
                            two['srt']['passphrase'])
        other = self.channel(region='eu-west-1')
        self.assertNotEqual(one['ingestEndpoint'], other['ingestEndpoint'])
        self.assertEqual(one['playbackUrl'], 'http://{}/api/video/v1/{}.m3u8'
                         .format(self.emulator.host, '.'.join(
                             one['arn'].split(':')[3:]).replace('/', '.')))


class StreamKeys(ResourceCase):
    def test_one_for_each_channel(self):
        made = self.ok('CreateChannel', {'tags': {'a': 'b'}})
        arn, key = made['channel']['arn'], made['streamKey']
        self.assertEqual(set(key), {'arn', 'value', 'channelArn', 'tags'})
        self.assertRegex(key['value'], '^sk_us-west-2_{}_[0-9A-Za-z]{{30}}$'
                         .format(key['arn'].split('/')[1]))
        self.assertEqual(self.ok('GetStreamKey', {'arn': key['arn']}),
                         {'streamKey': key})
        listed = {n: key[n] for n in ('arn', 'channelArn', 'tags')}
        self.assertEqual(self.ok('ListStreamKeys', {'channelArn': arn}),
                         {'streamKeys': [listed]})
        self.no('CreateStreamKey', {'channelArn': arn}, 402,
                'ServiceQuotaExceededException')
        answer = self.emulator.call('DeleteStreamKey', {'arn': key['arn']})
        self.assertEqual((answer.status, answer.body), (204, b''))
        for operation in ('GetStreamKey', 'DeleteStreamKey'):
            self.no(operation, {'arn': key['arn']}, 404,
                    'ResourceNotFoundException')
        self.assertEqual(self.ok('ListStreamKeys', {'channelArn': arn}),
                         {'streamKeys': []})
        self.no('CreateStreamKey', {'channelArn': arn,
                                    'tags': {'aws:x': ''}}, 400,
                'ValidationException')
        new = self.ok('CreateStreamKey', {'channelArn': arn,
                                          'tags': {'c': 'd'}})['streamKey']
        self.assertNotEqual(new['value'], key['value'])
        self.assertEqual(new['tags'], {'c': 'd'})
        self.ok('DeleteChannel', {'arn': arn}, 204)
        self.no('GetStreamKey', {'arn': new['arn']}, 404,
                'ResourceNotFoundException')

    def test_unknown_channels(self):
        arn = self.channel()['arn']
        for operation in ('CreateStreamKey', 'ListStreamKeys'):
            for bad, status, name in [
                    (arn[:-12] + 'zzzzzzzzzzzz', 404,
                     'ResourceNotFoundException'),
                    (arn.replace(':000000000000:', ':999999999999:'), 403,
                     'AccessDeniedException'),
                    ('x', 400, 'ValidationException')]:
                self.no(operation, {'channelArn': bad}, status, name)
        self.no('ListStreamKeys', {'channelArn': arn, 'maxResults': 51}, 400,
                'ValidationException')

    def test_batches_name_what_cannot_be_had(self):
        made = self.ok('CreateChannel')
        for operation, result, resource in [
                ('BatchGetChannel', 'channels', made['channel']),
                ('BatchGetStreamKey', 'streamKeys', made['streamKey'])]:
            with self.subTest(operation):
                arn = resource['arn']
                missing = arn[:-12] + 'zzzzzzzzzzzz'
                foreign = arn.replace(':000000000000:', ':999999999999:')
                got = self.ok(operation, {'arns': [missing, arn, foreign]})
                self.assertEqual(got[result], [resource])
                self.assertEqual([(e['arn'], e['code'])
                                  for e in got['errors']],
                                 [(missing, '404'), (foreign, '403')])
                self.assertTrue(all(e['message'] for e in got['errors']))
                self.assertEqual(self.ok(operation, {'arns': [arn]}),
                                 {result: [resource], 'errors': []})
                for bad in ([], [arn] * 51, ['x']):
                    self.no(operation, {'arns': bad}, 400,
                            'ValidationException')


class Tags(ResourceCase):
    def every_kind(self):
        made = self.ok('CreateChannel')
        pair = self.ok('ImportPlaybackKeyPair', {
            'publicKeyMaterial': Key().public})['keyPair']
        arns = {'Channel': made['channel']['arn'],
                'StreamKey': made['streamKey']['arn'],
                'PlaybackKeyPair': pair['arn']}
        for kind in KINDS:
            arns[kind] = self.create(kind)['arn']
        return arns

    def test_on_every_kind_of_resource(self):
        names = {'PlaybackKeyPair': 'keyPair'}
        for kind, arn in self.every_kind().items():
            with self.subTest(kind):
                tags = self.emulator.tags
                self.assertEqual(self.done(tags('GET', arn)), {'tags': {}})
                answer = tags('POST', arn, {'tags': {
                    'a': '1', 'cost center': 'Ä+b/c=&%', 'gone': ''}})
                self.assertEqual((answer.status, answer.body), (200, b'{}'))
                self.done(tags('POST', arn, {'tags': {'a': '2'}}))
                answer = tags('DELETE', arn, keys=['gone', 'never', 'c+d'])
                self.assertEqual((answer.status, answer.body), (200, b'{}'))
                want = {'a': '2', 'cost center': 'Ä+b/c=&%'}
                self.assertEqual(self.done(tags('GET', arn)), {'tags': want})
                got = self.ok(f'Get{kind}', {'arn': arn})
                self.assertEqual(
                    got[names.get(kind, first_small(kind))]['tags'], want)
                self.done(tags('DELETE', arn, keys=['cost center']))
                self.assertEqual(self.done(tags('GET', arn)),
                                 {'tags': {'a': '2'}})

    def test_summaries_show_them(self):
        arn = self.channel(key='520000000000')['arn']
        self.done(self.emulator.tags('POST', arn, {'tags': {'a': 'b'}},
                                     key='520000000000'))
        [summary] = self.ok('ListChannels', key='520000000000')['channels']
        self.assertEqual(summary['tags'], {'a': 'b'})

    def test_limits(self):
        arn = self.channel({'tags': {f'k{i}': 'v' for i in range(49)}})['arn']
        tags = self.emulator.tags
        self.refused(tags('POST', arn, {'tags': {'a': '', 'b': ''}}), 400,
                     'ValidationException')
        self.assertEqual(len(self.done(tags('GET', arn))['tags']), 49)
        self.done(tags('POST', arn, {'tags': {'a': '', 'k0': 'w'}}))
        self.assertEqual(len(self.done(tags('GET', arn))['tags']), 50)
        for value in ({}, {'tags': {'': 'v'}}, {'tags': {'k' * 129: 'v'}},
                      {'tags': {'k': 'v' * 257}}, {'tags': {'k': 1}},
                      {'tags': {'aws:k': 'v'}}, {'tags': {'k\n': 'v'}},
                      {'tags': {f'n{i}': '' for i in range(51)}}):
            with self.subTest(value):
                self.refused(tags('POST', arn, value), 400,
                             'ValidationException')
        for keys in ([], [''], ['k' * 129], [f'n{i}' for i in range(51)],
                     ['\0'], ['\n'], [b'\xff']):
            with self.subTest(keys):
                self.refused(tags('DELETE', arn, keys=keys), 400,
                             'ValidationException')

    def test_what_is_not_there(self):
        arn = self.channel()['arn']
        for method, value, keys in [('GET', None, ()),
                                    ('POST', {'tags': {'a': 'b'}}, ()),
                                    ('DELETE', None, ['a'])]:
            with self.subTest(method):
                for gone in (arn[:-12] + 'zzzzzzzzzzzz',
                             arn.replace('us-west-2', 'eu-west-1'),
                             arn.replace(':000000000000:', ':999999999999:'),
                             arn.replace('channel', 'stream-key')):
                    self.refused(self.emulator.tags(method, gone, value, keys),
                                 404, 'ResourceNotFoundException')
                for bad in ('', 'x', arn.replace('channel', 'room'),
                            arn + '\0', arn + 'ÿ', b'\xff'):
                    self.refused(self.emulator.tags(method, bad, value, keys),
                                 400, 'ValidationException')

    def test_the_arn_is_one_segment_of_utf_8(self):
        self.refused(self.emulator.request('GET', '/tags/a/b'), 404,
                     'UnknownOperationException')
        self.refused(self.emulator.request('PUT', '/tags/a'), 405,
                     'MethodNotAllowedException')


class Restart(Case):
    def test_state_outlives_the_program(self):
        with tempfile.TemporaryDirectory() as folder:
            file = f'{folder}/state.db'
            first = Emulator('--no-quotas', '--db', file)
            arns = {}
            for kind, facts in KINDS.items():
                answer = first.call(f'Create{kind}', facts['given'])
                arns[kind] = self.done(answer)[first_small(kind)]
            channel = self.done(first.call('CreateChannel', {
                member: arns[kind]['arn']
                for kind, member in REFERENCES.items()}))['channel']
            self.done(first.tags('POST', channel['arn'],
                                 {'tags': {'k': 'v'}}))
            begun = self.done(first.stream(channel['arn']))
            self.done(first.call('PutMetadata', {
                'channelArn': channel['arn'], 'metadata': 'kept'}), 204)
            self.assertEqual(first.stop(), 0)
            second = Emulator('--no-quotas', '--db', file)
            try:
                for kind, made in arns.items():
                    got = self.done(second.call(f'Get{kind}',
                                                {'arn': made['arn']}))
                    self.assertEqual(got[first_small(kind)], made)
                stream = self.done(second.call('GetStream', {
                    'channelArn': channel['arn']}))['stream']
                self.assertEqual(stream['streamId'], begun['streamId'])
                shown = self.done(second.control(
                    f'/_/streams?channelArn={channel["arn"]}'))
                self.assertEqual(shown['cues'][0]['metadata'], 'kept')
                self.assertEqual(self.done(second.tags(
                    'GET', channel['arn'])), {'tags': {'k': 'v'}})
                self.refused(second.call('DeleteAdConfiguration', {
                    'arn': arns['AdConfiguration']['arn']}), 409,
                    'ConflictException')
            finally:
                self.assertEqual(second.stop(), 0)


if __name__ == '__main__':
    main()
