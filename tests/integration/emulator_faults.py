#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""/_/faults of ivs-emulator: rules, when they fire, what clients see of them,
and how our own client fares."""

import errno
import json
import os
import subprocess
import tempfile
import threading
import time

from emulator import Case, Emulator, Key, REGION, main

CLI = os.path.join(os.environ['IVS_BUILD_DIR'], 'bin', 'ivs-token')
HEAD_END = b'\r\n\r\n'


class Faults(Case):
    def setUp(self):
        self.done(self.emulator.control('/_/reset', {}))

    def add(self, *rules):
        return self.done(self.emulator.control('/_/faults',
                                               {'faults': list(rules)}))

    def rules(self):
        return self.done(self.emulator.control('/_/faults'))['faults']

    def list(self):
        return self.emulator.call('ListChannels')

    def statuses(self, n):
        return [self.list().status for _ in range(n)]

    def create(self):
        return self.done(self.emulator.call('CreateChannel'))['channel']['arn']

    def cli(self, *words, code=0):
        done = subprocess.run(
            [CLI, '--json', *words], text=True, timeout=60,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**{n: os.environ[n] for n in os.environ
                    if not n.startswith('AWS_')},
                 'AWS_ENDPOINT_URL_IVS': f'http://{self.emulator.host}',
                 'AWS_REGION': REGION, 'AWS_ACCESS_KEY_ID': 'test',
                 'AWS_SECRET_ACCESS_KEY': 'test', 'HOME': '/nonexistent'})
        self.assertEqual(done.returncode, code, done.stderr + done.stdout)
        return done

    def target_of(self, arn):
        _, _, _, region, account, name = arn.split(':')
        return (f'/api/video/v1/{region}.{account}.channel.'
                f'{name.split("/")[1]}.m3u8')

    # ---- when a rule fires ----

    def test_status_and_type(self):
        self.add({'operation': 'ListChannels', 'status': 503,
                  'errorType': 'ServiceUnavailable'})
        self.refused(self.list(), 503, 'ServiceUnavailable')
        self.assertEqual(
            self.emulator.call('ListPlaybackKeyPairs').status, 200)

    def test_status_without_type(self):
        self.add({'operation': '*', 'status': 502})
        answer = self.list()
        self.assertEqual((answer.status, answer.type), (502, None))
        self.assertEqual(self.emulator.tags(
            'GET', 'arn:aws:ivs:us-west-2:000000000000:channel/abcdefghijkl')
            .status, 502)

    def test_throttle(self):
        self.add({'operation': '*', 'throttle': True})
        self.refused(self.list(), 429, 'ThrottlingException')

    def test_nothing_is_carried_out(self):
        self.add({'operation': 'CreateChannel', 'status': 500, 'count': 1})
        self.assertEqual(self.emulator.call('CreateChannel').status, 500)
        self.assertEqual(self.done(self.list())['channels'], [])

    def test_after_and_count(self):
        self.add({'operation': 'ListChannels', 'status': 500, 'after': 2,
                  'count': 3})
        self.assertEqual(self.statuses(7),
                         [200, 200, 500, 500, 500, 200, 200])
        rule, = self.rules()
        self.assertEqual((rule['seen'], rule['fired']), (7, 3))

    def test_first_rule_that_fires_decides(self):
        self.add({'operation': 'ListChannels', 'status': 501, 'count': 1})
        self.add({'operation': 'ListStreams', 'status': 504},
                 {'operation': '*', 'status': 502, 'count': 2})
        self.assertEqual(self.statuses(4), [501, 502, 502, 200])
        self.assertEqual([r['fired'] for r in self.rules()], [1, 0, 2])

    def test_rules_are_listed_as_given_and_dropped(self):
        rule = {'operation': 'edge:*', 'reset': 'mid_body', 'latency_ms': 5,
                'probability': 0.5, 'count': 4, 'after': 1}
        self.assertEqual(self.add(rule),
                         {'faults': [{**rule, 'seen': 0, 'fired': 0}]})
        self.done(self.emulator.request('DELETE', '/_/faults'))
        self.assertEqual(self.rules(), [])
        self.add(rule)
        self.done(self.emulator.control('/_/reset', {}))
        self.assertEqual(self.rules(), [])

    def test_probability(self):
        self.add({'operation': 'ListChannels', 'status': 500,
                  'probability': 0.5})
        failed = self.statuses(200).count(500)
        # Outside of this once in more than 10^12 runs.
        self.assertTrue(50 < failed < 150, failed)

    def test_number_of_rules_is_bounded(self):
        rule = {'operation': '*', 'status': 500, 'after': 1000000}
        self.add(*[rule] * 99)
        self.refused(self.emulator.control(
            '/_/faults', {'faults': [rule, rule]}), 400, 'ValidationException')
        self.assertEqual(len(self.rules()), 99)
        self.add(rule)
        self.refused(self.emulator.control(
            '/_/faults', {'faults': [rule] * 101}), 400, 'ValidationException')

    def test_rules_that_are_refused(self):
        good = {'operation': '*', 'status': 500}
        for rule, text in (
                (7, 'faults[1] is an integer, expected an object'),
                ({}, 'faults[1].operation is missing'),
                ({'operation': 'ListChannels'}, 'faults[1] does nothing'),
                ({'operation': 'Nonsense', 'status': 500},
                 "faults[1].operation is 'Nonsense', expected an operation"),
                ({'operation': 7}, 'faults[1].operation is an integer'),
                ({**good, 'status': 399},
                 'faults[1].status is 399, expected 400 to 599'),
                ({**good, 'status': 600}, 'faults[1].status is 600'),
                ({**good, 'status': 500.0}, 'faults[1].status is a number'),
                ({**good, 'other': 1},
                 "faults[1] has a member 'other', which is unknown"),
                ({**good, 'errorType': 'a b'}, 'faults[1].errorType is not'),
                ({**good, 'errorType': ''}, 'faults[1].errorType has 0 bytes'),
                ({'operation': '*', 'errorType': 'A', 'throttle': True},
                 'faults[1].errorType goes with status'),
                ({**good, 'throttle': True}, 'faults[1] has 2 of status'),
                ({'operation': '*', 'throttle': 'yes'},
                 'faults[1].throttle is a string, expected true or false'),
                ({'operation': '*', 'throttle': False},
                 'faults[1] does nothing'),
                ({**good, 'reset': 'before'}, 'faults[1] has 2 of status'),
                ({'operation': '*', 'reset': 'after'},
                 "faults[1].reset is 'after', expected before or mid_body"),
                ({**good, 'latency_ms': 0}, 'faults[1].latency_ms is 0'),
                ({**good, 'latency_ms': 20001}, 'expected 1 to 20000'),
                ({**good, 'after': -1}, 'faults[1].after is -1'),
                ({**good, 'count': 0}, 'faults[1].count is 0'),
                ({**good, 'probability': 0}, 'faults[1].probability is not'),
                ({**good, 'probability': 1.1}, 'faults[1].probability is not'),
                ({**good, 'probability': '1'}, 'faults[1].probability is not'),
                ({'operation': 'ListChannels', 'batch_errors': {'every': 2}},
                 'faults[1].batch_errors goes with an operation on a batch'),
                ({'operation': 'BatchGetChannel', 'batch_errors': {}},
                 'faults[1].batch_errors.every is missing'),
                ({'operation': 'BatchGetChannel', 'batch_errors': []},
                 'faults[1].batch_errors is a list, expected an object'),
                ({'operation': 'BatchGetChannel', 'batch_errors':
                  {'every': 1, 'code': 5}},
                 'faults[1].batch_errors.code is an integer')):
            message = self.refused(
                self.emulator.control('/_/faults', {'faults': [good, rule]}),
                400, 'ValidationException')
            self.assertIn(text, message)
        for document, text in (({'faults': {}}, 'faults is an object'),
                               ({'rules': []}, "a member 'rules'")):
            self.assertIn(text, self.refused(
                self.emulator.control('/_/faults', document), 400,
                'ValidationException'))
        self.assertEqual(self.rules(), [])
        answer = self.emulator.request('PUT', '/_/faults')
        self.refused(answer, 405, 'MethodNotAllowedException')
        self.assertEqual(answer.headers['Allow'], 'GET, POST, DELETE')

    # ---- what clients see ----

    def test_latency_holds_nobody_else_up(self):
        arn = self.create()
        self.add({'operation': 'GetChannel', 'latency_ms': 1500})
        took = []

        def late():
            begin = time.monotonic()
            answer = self.emulator.call('GetChannel', {'arn': arn})
            took.append((answer.status, time.monotonic() - begin))

        # More at once than the server has threads.
        threads = [threading.Thread(target=late) for _ in range(24)]
        begin = time.monotonic()
        for thread in threads:
            thread.start()
        while sum(r['fired'] for r in self.rules()) < 24:
            self.assertLess(time.monotonic() - begin, 20)
        prompt = time.monotonic()
        self.assertEqual(self.list().status, 200)
        prompt = time.monotonic() - prompt
        for thread in threads:
            thread.join()
        self.assertEqual([status for status, _ in took], [200] * 24)
        for _, seconds in took:
            self.assertGreaterEqual(seconds, 1.5)
        self.assertLess(prompt, min(seconds for _, seconds in took))

    def test_end_of_the_emulator_does_not_wait_for_the_late(self):
        own = Emulator('--no-quotas')
        self.done(own.control('/_/faults', {'faults': [
            {'operation': '*', 'latency_ms': 20000}]}))

        def late():
            try:
                self.assertEqual(own.call('ListChannels').status, 200)
            except ConnectionError:
                pass # it may be cut

        thread = threading.Thread(target=late)
        thread.start()
        while own.control('/_/faults').json['faults'][0]['fired'] == 0:
            pass
        begin = time.monotonic()
        self.assertEqual(own.stop(), 0)
        self.assertLess(time.monotonic() - begin, 10)
        thread.join()

    def test_client_that_goes_while_its_answer_is_late(self):
        self.add({'operation': 'edge:multivariant', 'latency_ms': 300})
        for _ in range(20):
            with self.assertRaises(TimeoutError):
                self.emulator.raw(b'GET /api/video/v1/x.m3u8 HTTP/1.1\r\n'
                                  b'Host: localhost\r\n\r\n', timeout=0.01)
        self.assertEqual(self.list().status, 200)

    def test_reset_before_the_answer(self):
        self.add({'operation': 'CreateChannel', 'reset': 'before', 'count': 1})
        with self.assertRaises(ConnectionResetError) as raised:
            self.emulator.call('CreateChannel')
        self.assertEqual(raised.exception.errno, errno.ECONNRESET)
        self.assertEqual(self.done(self.list())['channels'], [])

    def test_reset_mid_body(self):
        arn = self.create()
        target = self.target_of(arn)
        self.done(self.emulator.stream(arn))
        request = (f'GET {target} HTTP/1.1\r\nHost: localhost\r\n'
                   'Connection: close\r\n\r\n').encode()
        whole = self.emulator.raw(request)
        self.add({'operation': 'edge:multivariant', 'reset': 'mid_body'})
        cut = self.emulator.raw(request)
        for answer, share in ((whole, 1), (cut, 2)):
            head, body = answer.split(HEAD_END)
            length = int(head.lower().split(b'content-length: ')[1].split()[0])
            self.assertEqual(len(body), length // share)
        # Carried out before it was cut.
        self.add({'operation': 'CreateChannel', 'reset': 'mid_body'})
        with self.assertRaises(ConnectionResetError):
            self.emulator.call('CreateChannel')
        self.assertEqual(len(self.done(self.list())['channels']), 2)
        # An answer without a body is not there at all.
        self.done(self.emulator.stream(arn, 'stop'))
        self.add({'operation': 'DeleteChannel', 'reset': 'mid_body'})
        with self.assertRaises(ConnectionResetError):
            self.emulator.call('DeleteChannel', {'arn': arn})
        self.assertEqual(len(self.done(self.list())['channels']), 1)

    def test_playback(self):
        arn = self.create()
        target = self.target_of(arn)
        self.done(self.emulator.stream(arn))
        self.add({'operation': 'edge:multivariant', 'status': 504, 'count': 1},
                 {'operation': 'edge:variant', 'throttle': True, 'count': 1},
                 {'operation': 'edge:*', 'status': 410, 'after': 4},
                 {'operation': '*', 'status': 500})
        answer = self.emulator.request('GET', target)
        self.assertEqual(answer.status, 504)
        self.assertEqual(answer.headers['Access-Control-Allow-Origin'], '*')
        self.assertEqual(
            self.emulator.request('OPTIONS', target).status, 204)
        playlist = self.emulator.request('GET', target)
        self.assertEqual(playlist.status, 200)
        variant = [line for line in playlist.body.decode().split('\n')
                   if line.startswith('http://')][0]
        path = '/' + variant.split('/', 3)[3]
        self.assertEqual(
            [self.emulator.request('GET', path).status for _ in range(5)],
            [429, 200, 200, 200, 410])

    def test_partial_batches(self):
        arns = [self.create() for _ in range(4)]
        self.add({'operation': 'BatchStartViewerSessionRevocation',
                  'batch_errors': {'every': 3, 'code': 'InternalServerException'}
                  },
                 {'operation': 'BatchGetChannel', 'batch_errors': {'every': 2}})
        pairs = [{'channelArn': arns[0], 'viewerId': f'v{i}'}
                 for i in range(7)]
        errors = self.done(self.emulator.call(
            'BatchStartViewerSessionRevocation',
            {'viewerSessions': pairs}))['errors']
        self.assertEqual([(e['viewerId'], e['code']) for e in errors],
                         [('v2', 'InternalServerException'),
                          ('v5', 'InternalServerException')])
        got = self.done(self.emulator.call('BatchGetChannel', {'arns': arns}))
        self.assertEqual([c['arn'] for c in got['channels']], arns[::2])
        self.assertEqual([(e['arn'], e['code']) for e in got['errors']],
                         [(arn, '500') for arn in arns[1::2]])

    def test_failed_pairs_are_not_revoked(self):
        key = Key()
        arn = self.done(self.emulator.call(
            'CreateChannel', {'authorized': True}))['channel']['arn']
        self.done(self.emulator.call('ImportPlaybackKeyPair',
                                     {'publicKeyMaterial': key.public}))
        self.done(self.emulator.stream(arn))
        self.add({'operation': 'BatchStartViewerSessionRevocation',
                  'batch_errors': {'every': 2}})
        self.done(self.emulator.call('BatchStartViewerSessionRevocation', {
            'viewerSessions': [{'channelArn': arn, 'viewerId': 'gone'},
                               {'channelArn': arn, 'viewerId': 'stays'}]}))
        for viewer, status in (('gone', 403), ('stays', 200)):
            token = key.token({'aws:channel-arn': arn, 'aws:viewer-id': viewer,
                               'aws:access-control-allow-origin': '*',
                               'exp': int(time.time()) + 300})
            answer = self.emulator.request(
                'GET', f'{self.target_of(arn)}?token={token}')
            self.assertEqual(answer.status, status, viewer)

    def test_log_tells_which_rule_it_was(self):
        self.add({'operation': '*', 'status': 500, 'after': 1},
                 {'operation': 'ListChannels', 'latency_ms': 1})
        self.list()
        self.list()
        log = self.emulator.errors()
        self.assertIn('200 POST /ListChannels 000000000000/us-west-2 '
                      '(faults[1])', log)
        self.assertIn('500 POST /ListChannels (faults[0])', log)

    # ---- our own client ----

    def test_our_client_repeats_what_may_be_repeated(self):
        for fault in ({'status': 503}, {'throttle': True},
                      {'reset': 'before'}, {'reset': 'mid_body'},
                      {'status': 500, 'errorType': 'InternalServerException'}):
            self.done(self.emulator.request('DELETE', '/_/faults'))
            self.add({'operation': 'ListChannels', 'count': 2, **fault})
            self.cli('api', 'call', 'ListChannels', '{}')
            self.assertEqual((self.rules()[0]['seen'],
                              self.rules()[0]['fired']), (3, 2), fault)

    def test_our_client_gives_up(self):
        self.add({'operation': 'ListChannels', 'status': 503,
                  'errorType': 'ServiceUnavailable'})
        done = self.cli('api', 'call', 'ListChannels', '{}', code=5)
        self.assertIn('ServiceUnavailable', done.stderr + done.stdout)
        self.assertEqual(self.rules()[0]['seen'], 3)

    def test_our_revocation_gets_there(self):
        arn = self.create()
        self.add({'operation': 'BatchStartViewerSessionRevocation',
                  'batch_errors': {'every': 3,
                                   'code': 'InternalServerException'},
                  'count': 2},
                 {'operation': 'BatchStartViewerSessionRevocation',
                  'reset': 'mid_body', 'count': 1},
                 {'operation': '*', 'throttle': True, 'count': 1})
        with tempfile.NamedTemporaryFile('w', suffix='.csv') as file:
            file.write(''.join(f'{arn},v{i}\n' for i in range(60)))
            file.flush()
            done = json.loads(self.cli('revoke', 'batch', file.name).stdout)
        self.assertEqual((done['acknowledged'], done['failed']), (60, 0))
        self.assertEqual([r['fired'] for r in self.rules()], [2, 1, 1])


if __name__ == '__main__':
    main()
