#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Streams, which the control API begins: what the API and the edge make of
them, and what stays of one that is over."""

import uuid

from emulator import Case, main
from emulator_edge import EdgeCase

EVENTS = ['Session Ended', 'Stream End', 'Stream Start', 'Session Created']


class StreamCase(EdgeCase):
    def on(self, operation, channel, status=200, **more):
        return self.done(self.emulator.call(
            operation, {'channelArn': channel['arn'], **more}), status)

    def off(self, operation, channel, status, name, **more):
        return self.refused(self.emulator.call(
            operation, {'channelArn': channel['arn'], **more}), status, name)

    def shown(self, channel):
        return self.done(self.emulator.control(
            f'/_/streams?channelArn={channel["arn"]}'))


class Playback(StreamCase):
    def test_offline_channels_are_not_found(self):
        public = self.new_channel(False, live=False)
        private = self.new_channel(live=False)
        token = self.token(private, single_use_uuid=str(uuid.uuid4()))
        for channel, given in ((public, None), (private, token)):
            answer = self.play(given, channel)
            self.assertEqual(answer.status, 404)
            self.assertEqual(answer.json[0]['error_code'],
                             'transcode_does_not_exist')
        self.denied('a', private)
        self.done(self.emulator.stream(private['arn']))
        self.plays(token, private) # not used up while there was nothing
        self.denied(token, private, code='playback_auth_error')

    def test_sessions_end_soon_after_their_stream(self):
        channel = self.new_channel()
        other = self.variants(self.plays(self.token()))[0]
        path = self.variants(self.plays(self.token(channel), channel))[0]
        self.assertEqual(self.variant(path).status, 200)
        self.done(self.emulator.call('StopStream',
                                     {'channelArn': channel['arn']}))
        self.assertEqual(self.play(self.token(channel), channel).status, 404)
        # Players that are there hear that it has ended, also when another
        # stream has begun.
        self.assertIn(b'\n#EXT-X-ENDLIST\n', self.variant(path).body)
        self.done(self.emulator.stream(channel['arn']))
        self.assertIn(b'\n#EXT-X-ENDLIST\n', self.variant(path).body)
        self.assertEqual(self.done(self.emulator.call('GetStream', {
            'channelArn': channel['arn']}))['stream']['viewerCount'], 0)
        self.assertNotIn(b'ENDLIST', self.variant(other).body)
        self.emulator.control('/_/clock', {'advance_s': 31})
        self.addCleanup(self.emulator.control, '/_/clock', {})
        self.assertEqual(self.variant(path).status, 403)
        self.assertEqual(self.variant(other).status, 200)

    def test_viewers_are_the_sessions_that_are_alive(self):
        channel = self.new_channel()

        def viewers():
            return self.done(self.emulator.call('GetStream', {
                'channelArn': channel['arn']}))['stream']['viewerCount']
        self.assertEqual(viewers(), 0)
        for viewer in ('v', 'w', 'w'):
            self.plays(self.token(channel, viewer_id=viewer), channel)
        self.assertEqual(viewers(), 3)
        self.revoke(channel, 'w')
        self.assertEqual(viewers(), 1)


class Streams(StreamCase):
    def test_offline_channels_have_no_stream(self):
        channel = self.new_channel(live=False)
        for operation, more in [('GetStream', {}), ('StopStream', {}),
                                ('PutMetadata', {'metadata': 'x'}),
                                ('InsertAdBreak', {'durationSeconds': 30})]:
            with self.subTest(operation):
                self.off(operation, channel, 404, 'ChannelNotBroadcasting',
                         **more)
        self.off('GetStreamSession', channel, 404, 'ResourceNotFoundException')
        self.assertEqual(self.on('ListStreamSessions', channel),
                         {'streamSessions': []})

    def test_unknown_and_foreign_channels(self):
        channel = self.new_channel(live=False)
        missing = {'arn': channel['arn'][:-12] + 'zzzzzzzzzzzz'}
        foreign = {'arn': channel['arn'].replace(':000000000000:',
                                                 ':999999999999:')}
        abroad = {'arn': channel['arn'].replace('us-west-2', 'eu-west-1')}
        for operation, more in [('GetStream', {}), ('StopStream', {}),
                                ('PutMetadata', {'metadata': 'x'}),
                                ('InsertAdBreak', {'durationSeconds': 30}),
                                ('GetStreamSession', {}),
                                ('ListStreamSessions', {})]:
            with self.subTest(operation):
                for gone in (missing, abroad):
                    self.off(operation, gone, 404,
                             'ResourceNotFoundException', **more)
                self.off(operation, foreign, 403, 'AccessDeniedException',
                         **more)

    def test_a_stream_from_start_to_stop(self):
        channel = self.new_channel(live=False)
        begun = self.done(self.emulator.stream(channel['arn']))
        self.assertEqual(begun['state'], 'LIVE')
        stream = self.on('GetStream', channel)['stream']
        self.assertEqual(set(stream), {
            'channelArn', 'streamId', 'playbackUrl', 'startTime', 'state',
            'health', 'viewerCount'})
        self.assertRegex(stream['streamId'], r'^st-[0-9A-Za-z]{23}$')
        self.assertEqual(stream['streamId'], begun['streamId'])
        self.assertEqual(stream['channelArn'], channel['arn'])
        self.assertEqual(stream['playbackUrl'], channel['playbackUrl'])
        self.assertRegex(stream['startTime'],
                         r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$')
        self.assertEqual((stream['state'], stream['health']),
                         ('LIVE', 'HEALTHY'))
        live = self.on('GetStreamSession', channel)['streamSession']
        self.assertNotIn('endTime', live)
        self.assertEqual([e['name'] for e in live['truncatedEvents']],
                         EVENTS[2:])
        answer = self.emulator.call('StopStream',
                                    {'channelArn': channel['arn']})
        self.assertEqual((answer.status, answer.body), (200, b'{}'))
        self.off('StopStream', channel, 404, 'ChannelNotBroadcasting')
        self.off('GetStream', channel, 404, 'ChannelNotBroadcasting')
        over = self.on('GetStreamSession', channel,
                       streamId=stream['streamId'])['streamSession']
        self.assertEqual(over['startTime'], stream['startTime'])
        self.assertEqual([e['name'] for e in over['truncatedEvents']], EVENTS)
        self.assertEqual({e['type'] for e in over['truncatedEvents']},
                         {'IVS Stream State Change'})
        self.assertEqual(over['channel'], channel)
        self.assertEqual(over['ingestConfiguration']['video']['videoHeight'],
                         1080)
        self.assertEqual(len(over['ingestConfigurations']
                             ['videoConfigurations']), 1)
        self.assertNotIn('recordingConfiguration', over)
        shown = self.shown(channel)
        self.assertEqual((shown['state'], shown['endTime']),
                         ('OFFLINE', over['endTime']))

    def test_a_recorded_stream_remembers_its_recording(self):
        recording = self.done(self.emulator.call(
            'CreateRecordingConfiguration', {'destinationConfiguration': {
                's3': {'bucketName': 'bucket'}}}))['recordingConfiguration']
        channel = self.done(self.emulator.call('CreateChannel', {
            'recordingConfigurationArn': recording['arn']}))['channel']
        self.done(self.emulator.stream(channel['arn']))
        self.done(self.emulator.stream(channel['arn'], 'stop'))
        session = self.on('GetStreamSession', channel)['streamSession']
        self.assertEqual(session['recordingConfiguration'], recording)
        self.assertEqual([e['name'] for e in session['truncatedEvents']],
                         ['Session Ended', 'Stream End', 'Recording End',
                          'Recording Start', 'Stream Start',
                          'Session Created'])
        self.assertEqual(session['truncatedEvents'][2]['type'],
                         'IVS Recording State Change')

    def test_live_channels_stay_as_they_are(self):
        channel = self.new_channel()
        for operation, more in [('UpdateChannel', {'authorized': False}),
                                ('DeleteChannel', {})]:
            self.refused(self.emulator.call(
                operation, {'arn': channel['arn'], **more}), 409,
                'ConflictException')
        self.on('StopStream', channel)
        self.done(self.emulator.call('UpdateChannel', {
            'arn': channel['arn'], 'name': 'later'}))
        session = self.on('GetStreamSession', channel)['streamSession']
        self.assertEqual(session['channel']['name'], '')
        self.done(self.emulator.call('DeleteChannel',
                                     {'arn': channel['arn']}), 204)
        self.off('GetStreamSession', channel, 404,
                 'ResourceNotFoundException')

    def test_live_streams_are_listed_by_health_and_page(self):
        how = {'key': '400000000001'}
        channels = [self.new_channel(live=False, **how) for _ in range(5)]
        for i, channel in enumerate(channels[:4]):
            self.done(self.emulator.stream(
                channel['arn'], health='STARVING' if i == 1 else 'HEALTHY'))
        self.done(self.emulator.stream(channels[3]['arn'], 'stop'))

        def listed(**value):
            got = self.done(self.emulator.call('ListStreams', value, **how))
            return ([s['channelArn'] for s in got['streams']],
                    got.get('nextToken'))
        self.new_channel(region='eu-west-1', **how)
        self.new_channel(key='400000000002')
        arns = [c['arn'] for c in channels]
        self.assertEqual(listed(), (arns[:3], None))
        self.assertEqual(listed(filterBy={}), (arns[:3], None))
        self.assertEqual(listed(filterBy={'health': 'STARVING'}),
                         (arns[1:2], None))
        self.assertEqual(listed(filterBy={'health': 'UNKNOWN'}), ([], None))
        first, token = listed(maxResults=2)
        self.assertEqual(first, arns[:2])
        self.assertEqual(listed(maxResults=2, nextToken=token),
                         (arns[2:3], None))
        self.refused(self.emulator.call('ListChannels', {'nextToken': token},
                                        **how), 400, 'ValidationException')
        self.refused(self.emulator.call(
            'ListStreams', {'filterBy': {'health': 'GOOD'}}, **how), 400,
            'ValidationException')
        summary = self.done(self.emulator.call('ListStreams', **how))
        self.assertEqual(set(summary['streams'][0]), {
            'channelArn', 'streamId', 'state', 'health', 'viewerCount',
            'startTime'})

    def test_sessions_are_listed_latest_first(self):
        channel = self.new_channel(live=False)
        ids = []
        for _ in range(3):
            ids.insert(0, self.done(
                self.emulator.stream(channel['arn']))['streamId'])
            self.done(self.emulator.stream(channel['arn'], 'stop'))
        page = self.on('ListStreamSessions', channel, maxResults=2)
        self.assertEqual([s['streamId'] for s in page['streamSessions']],
                         ids[:2])
        self.assertEqual(set(page['streamSessions'][0]), {
            'streamId', 'startTime', 'endTime', 'hasErrorEvent'})
        page = self.on('ListStreamSessions', channel, maxResults=2,
                       nextToken=page['nextToken'])
        self.assertEqual([s['streamId'] for s in page['streamSessions']],
                         ids[2:])
        self.assertNotIn('nextToken', page)
        latest = self.on('GetStreamSession', channel)['streamSession']
        self.assertEqual(latest['streamId'], ids[0])
        first = self.on('GetStreamSession', channel, streamId=ids[2])
        self.assertEqual(first['streamSession']['streamId'], ids[2])
        self.off('GetStreamSession', channel, 404,
                 'ResourceNotFoundException', streamId=f'st-{"x" * 23}')
        self.off('GetStreamSession', self.new_channel(), 404,
                 'ResourceNotFoundException', streamId=ids[0])
        self.off('GetStreamSession', channel, 400, 'ValidationException',
                 streamId='st-1')

    def test_what_is_put_into_a_stream_is_kept(self):
        channel = self.new_channel()
        text = '{"goal":"Ä"}'
        answer = self.emulator.call('PutMetadata', {
            'channelArn': channel['arn'], 'metadata': text})
        self.assertEqual((answer.status, answer.body), (204, b''))
        identity = self.on('InsertAdBreak', channel,
                           durationSeconds=30)['adBreakId']
        self.assertRegex(identity, '^[0-9A-Za-z]{12}$')
        self.on('PutMetadata', channel, 204, metadata='a' * 1024)
        for metadata in ('', 'a' * 1025, 'ä' * 513):
            self.off('PutMetadata', channel, 400, 'ValidationException',
                     metadata=metadata)
        for seconds in (0, 301):
            self.off('InsertAdBreak', channel, 400, 'ValidationException',
                     durationSeconds=seconds)
        cues = self.shown(channel)['cues']
        for cue in cues:
            self.assertRegex(cue.pop('time'), r'^\d{4}-.*Z$')
        self.assertEqual(cues, [
            {'type': 'metadata', 'metadata': text},
            {'type': 'adBreak', 'adBreakId': identity, 'durationSeconds': 30},
            {'type': 'metadata', 'metadata': 'a' * 1024}])
        self.on('StopStream', channel)
        self.done(self.emulator.stream(channel['arn']))
        self.assertEqual(self.shown(channel)['cues'], [])

    def test_the_clock_dates_streams(self):
        self.addCleanup(self.emulator.control, '/_/clock', {})
        channel = self.new_channel(live=False)
        self.done(self.emulator.control('/_/clock', {'now_s': 1000000000}))
        self.done(self.emulator.stream(channel['arn']))
        self.done(self.emulator.control('/_/clock', {'advance_s': 3600}))
        self.on('StopStream', channel)
        session = self.on('GetStreamSession', channel)['streamSession']
        self.assertRegex(session['startTime'], '^2001-09-09T01:46:4')
        self.assertRegex(session['endTime'], '^2001-09-09T02:46:4')
        self.assertEqual([e['eventTime'] for e in session['truncatedEvents']],
                         [session['endTime']] * 2 + [session['startTime']] * 2)
        self.done(self.emulator.stream(channel['arn']))
        self.done(self.emulator.control('/_/clock', {'now_s': 1000000000}))
        self.on('StopStream', channel)
        session = self.on('GetStreamSession', channel)['streamSession']
        self.assertEqual(session['startTime'], session['endTime'])


class Control(StreamCase):
    def test_refusals(self):
        channel = self.new_channel()
        arn = channel['arn']
        self.refused(self.emulator.stream(arn), 409, 'ConflictException')
        self.done(self.emulator.stream(arn, 'stop'))
        self.refused(self.emulator.stream(arn, 'stop'), 404,
                     'ChannelNotBroadcasting')
        self.refused(self.emulator.stream(arn[:-12] + 'zzzzzzzzzzzz'), 404,
                     'ResourceNotFoundException')
        key = self.done(self.emulator.call('ListStreamKeys', {
            'channelArn': arn}))['streamKeys'][0]['arn']
        start, stop = ({'channelArn': arn, 'action': action}
                       for action in ('start', 'stop'))
        for value, text in (
                ({}, 'action is missing, expected start or stop'),
                ({'channelArn': arn}, 'action is missing'),
                ({'action': 'start'}, 'channelArn is missing, expected'),
                ({**start, 'action': 'pause'},
                 "action is 'pause', expected start or stop"),
                ({**start, 'action': 1}, 'action is an integer, expected a st'),
                ({**start, 'channelArn': 1}, 'channelArn is an integer, exp'),
                ({**start, 'channelArn': 'x'},
                 "channelArn is 'x', expected the ARN of a channel"),
                ({**start, 'channelArn': key}, ''),
                ({**start,
                  'channelArn': f'arn:aws:ivs:{"r" * 40}:1:channel/a'},
                 "channelArn is 'arn:"),
                ({**start, 'more': 1},
                 "has a member 'more', which is unknown, expected channelArn"),
                ({**stop, 'health': 'HEALTHY'},
                 'health is expected only with the action start'),
                ({**stop, 'from': 'testsrc'},
                 'from is expected only with the action start'),
                ({**stop, 'loop': True},
                 'loop is expected only with the action start'),
                ({**start, 'health': 1}, 'health is an integer, expected a st'),
                ({**start, 'health': 'GOOD'},
                 "health is 'GOOD', expected HEALTHY, STARVING or UNKNOWN")):
            with self.subTest(value):
                self.assertIn(text, self.refused(
                    self.emulator.control('/_/streams', value), 400,
                    'ValidationException'))

    def test_showing(self):
        channel = self.new_channel(live=False)
        for query, status, name in [
                ('', 400, 'ValidationException'),
                ('?channelArn=', 400, 'ValidationException'),
                ('?channelArn=%ff', 400, 'ValidationException'),
                ('?channelArn=foo', 400, 'ValidationException'),
                (f'?channelArn={channel["arn"][:-1]}', 404,
                 'ResourceNotFoundException'),
                (f'?channelArn={channel["arn"]}', 404,
                 'ResourceNotFoundException')]:
            with self.subTest(query):
                self.refused(self.emulator.control(f'/_/streams{query}'),
                             status, name)
        answer = self.emulator.request('PUT', '/_/streams')
        self.refused(answer, 405, 'MethodNotAllowedException')
        self.assertEqual(answer.headers['Allow'], 'GET, POST')

    def test_queries_are_what_there_is(self):
        arn = self.channel['arn']
        for target, text in (
                (f'/_/streams?arn={arn}',
                 "the query has a parameter 'arn', expected one of: "
                 'channelArn'),
                ('/_/streams?channelArn',
                 'channelArn has no value, expected channelArn=VALUE'),
                ('/_/streams?channelArn=foo',
                 "channelArn is 'foo', expected the ARN of a channel"),
                ('/_/streams', 'channelArn is missing, expected the ARN'),
                ('/_/requests?channelArn=foo',
                 "channelArn is 'foo', expected the ARN of a channel"),
                (f'/_/requests?channelArn={arn.replace("channel/", "x/")}',
                 'expected the ARN of a channel'),
                ('/_/requests?state=1',
                 "parameter 'state', expected one of: status channelArn"),
                ('/_/requests?status=99',
                 "status is '99', expected a number from 100 to 599"),
                ('/_/requests?after=-1', "after is '-1', expected a number"),
                ('/_/clock?now_s=1',
                 "the query has a parameter 'now_s', expected none"),
                ('/_/health?x=1', "parameter 'x', expected none"),
                ('/_/faults?&x&', "parameter 'x', expected none"),
                ('/_/state?page=2', "parameter 'page', expected one of:")):
            with self.subTest(target):
                self.assertIn(text, self.refused(
                    self.emulator.control(target), 400, 'ValidationException'))
        self.done(self.emulator.control(f'/_/requests?&channelArn={arn}&'))

    def test_reset_drops_streams(self):
        channel = self.new_channel()
        self.done(self.emulator.control('/_/reset', {}))
        self.assertEqual(self.done(self.emulator.call('ListStreams')),
                         {'streams': []})
        self.refused(self.emulator.stream(channel['arn'], 'stop'), 404,
                     'ResourceNotFoundException')


class Rates(Case):
    options = ()

    def test_metadata_is_limited_for_each_channel(self):
        arns = []
        for _ in range(3):
            answer = self.done(self.emulator.call('CreateChannel'))
            arns.append(answer['channel']['arn'])
            self.done(self.emulator.stream(arns[-1]))
        answers = self.emulator.burst(
            [('PutMetadata', {'channelArn': arn, 'metadata': 'x'})
             for _ in range(20) for arn in arns[:2]])
        for of_one in answers[::2], answers[1::2]:
            self.assertEqual([a.status for a in of_one[:5]], [204] * 5)
            throttled = [a for a in of_one if a.status != 204]
            self.assertTrue(throttled)
            self.refused(throttled[0], 429, 'ThrottlingException')
        self.done(self.emulator.call('PutMetadata', {
            'channelArn': arns[2], 'metadata': 'x'}), 204)


if __name__ == '__main__':
    main()
