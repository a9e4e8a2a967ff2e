#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Who is let in besides by the token: restriction policies, the viewer limit,
sessions and their end, races; and what is told about who was not."""

import concurrent.futures
import http.client
import threading
import uuid

from emulator import Emulator, Key, main, now
import emulator_edge

ALLOWED = 'Access-Control-Allow-Origin'
COUNTRY = 'CloudFront-Viewer-Country'
REASON = 'X-Ivs-Emulator-Reason'


class AdmissionCase(emulator_edge.EdgeCase):
    options = ('--no-quotas', '--explain')

    def policy(self, **members):
        return self.done(self.emulator.call(
            'CreatePlaybackRestrictionPolicy',
            members))['playbackRestrictionPolicy']['arn']

    def restricted(self, authorized=False, **members):
        """A live channel with a policy."""
        channel = self.done(self.emulator.call('CreateChannel', {
            'authorized': authorized,
            'playbackRestrictionPolicyArn': self.policy(**members),
        }))['channel']
        self.done(self.emulator.stream(channel['arn']))
        return channel

    def turned_away(self, channel, reason, token=None, **headers):
        """403 for this reason, which the header tells."""
        error = self.denied(token, channel, code='playback_auth_error',
                            **headers)
        answer = self.play(token, channel, **headers)
        self.assertTrue(answer.headers[REASON].startswith(reason + ': '),
                        answer.headers[REASON])
        return error

    def reason(self, answer):
        return answer.headers[REASON].split(': ')[0]

    def requests(self, query=''):
        return self.done(self.emulator.control('/_/requests' + query))

    def advance(self, seconds):
        self.done(self.emulator.control('/_/clock', {'advance_s': seconds}))

    def race(self, targets, headers=None):
        """Requests that set off at the same moment; their statuses."""
        start = threading.Barrier(len(targets))

        def fetch(target):
            connection = http.client.HTTPConnection(
                '127.0.0.1', self.emulator.port, timeout=60)
            connection.connect()
            start.wait(60)
            connection.request('GET', target, headers=headers or {})
            status = connection.getresponse().status
            connection.close()
            return status

        with concurrent.futures.ThreadPoolExecutor(len(targets)) as pool:
            return list(pool.map(fetch, targets))

    def target(self, token, channel=None):
        path = (channel or self.channel)['playbackUrl'].split(
            self.emulator.host)[1]
        return f'{path}?token={token}'


class Policies(AdmissionCase):
    def test_origins(self):
        origins = ['https://example.com', 'https://*.example.org']
        channel = self.restricted(allowedOrigins=origins)
        self.assertNotIn(ALLOWED, self.plays(None, channel).headers)
        for origin in ('https://example.com', 'https://a.example.org'):
            answer = self.plays(None, channel, Origin=origin)
            self.assertEqual(answer.headers[ALLOWED], origin)
        for origin in ('https://example.org', 'http://example.com', 'null'):
            self.turned_away(channel, 'origin_mismatch', Origin=origin)
        path = self.variants(self.plays(None, channel))[0]
        self.assertEqual(self.variant(path, Origin='https://x.test').status,
                         200)

    def test_every_origin(self):
        for origins in ([], ['*'], ['https://a.test', '*']):
            channel = self.restricted(allowedOrigins=origins)
            answer = self.plays(None, channel, Origin='https://x.test')
            self.assertEqual(answer.headers[ALLOWED], '*')

    def test_entries_that_are_no_origins_match_nothing(self):
        channel = self.restricted(allowedOrigins=[
            'https://a.test,https://b.test', 'c.test', 'https://d.test/'])
        for origin in ('https://a.test', 'https://b.test', 'https://c.test',
                       'https://d.test'):
            self.turned_away(channel, 'origin_mismatch', Origin=origin)

    def test_strict_origins_reach_variants(self):
        origin = 'https://example.com'
        channel = self.restricted(allowedOrigins=[origin],
                                  enableStrictOriginEnforcement=True)
        error = self.turned_away(channel, 'origin_missing')
        self.assertEqual(error['error'], 'origin required')
        path = self.variants(self.plays(None, channel, Origin=origin))[0]
        bare = self.variant(path)
        self.assertEqual((bare.status, bare.body), (403, b'origin required'))
        self.assertEqual(self.variant(path, Origin='https://a.b').status, 403)
        answer = self.variant(path, Origin=origin)
        self.assertEqual((answer.status, answer.headers[ALLOWED]),
                         (200, origin))

    def test_strict_without_origins_asks_for_any(self):
        channel = self.restricted(enableStrictOriginEnforcement=True)
        self.turned_away(channel, 'origin_missing')
        path = self.variants(self.plays(None, channel,
                                        Origin='https://x.test'))[0]
        self.assertEqual(self.variant(path).status, 403)
        self.assertEqual(self.variant(path, Origin='https://y.test').status,
                         200)

    def test_countries(self):
        channel = self.restricted(allowedCountries=['DE', 'US'])
        self.turned_away(channel, 'country_unknown')
        for country in ('FR', 'XX'):
            self.turned_away(channel, 'country_mismatch',
                             **{COUNTRY: country})
        for country in ('', 'D', 'DEU', '1E', 'D"'):
            self.turned_away(channel, 'country_unknown', **{COUNTRY: country})
        for country in ('DE', 'us'):
            body = self.plays(None, channel, **{COUNTRY: country}).body
            self.assertIn(f'"USER-COUNTRY",VALUE="{country.upper()}"',
                          body.decode())
        everywhere = self.restricted(allowedCountries=[])
        self.assertIn(b'"USER-COUNTRY",VALUE="ZZ"',
                      self.plays(None, everywhere).body)

    def test_policy_is_ignored_on_a_private_channel(self):
        channel = self.restricted(
            True, allowedCountries=['DE'],
            allowedOrigins=['https://example.com'],
            enableStrictOriginEnforcement=True)
        answer = self.plays(self.token(channel), channel,
                            Origin='https://x.test')
        self.assertEqual(answer.headers[ALLOWED], '*')
        self.assertEqual(self.reason(answer), 'policy_ignored')
        path = self.variants(answer)[0]
        self.assertEqual(self.variant(path).status, 200)
        self.denied(None, channel)

    def test_policy_that_changes_holds_for_whoever_comes_next(self):
        arn = self.policy(allowedOrigins=['https://a.test'])
        channel = self.new_channel(False, live=False)
        self.done(self.emulator.call('UpdateChannel', {
            'arn': channel['arn'], 'playbackRestrictionPolicyArn': arn}))
        self.done(self.emulator.stream(channel['arn']))
        path = self.variants(self.plays(None, channel,
                                        Origin='https://a.test'))[0]
        self.done(self.emulator.call('UpdatePlaybackRestrictionPolicy', {
            'arn': arn, 'allowedOrigins': ['https://b.test']}))
        self.turned_away(channel, 'origin_mismatch', Origin='https://a.test')
        self.plays(None, channel, Origin='https://b.test')
        self.assertEqual(self.variant(path).status, 200)


class Country(AdmissionCase):
    options = ('--no-quotas', '--explain', '--viewer-country', 'de')

    def test_country_of_viewers_that_name_none(self):
        channel = self.restricted(allowedCountries=['DE'])
        self.assertIn(b'"USER-COUNTRY",VALUE="DE"',
                      self.plays(None, channel).body)
        self.turned_away(channel, 'country_mismatch', **{COUNTRY: 'FR'})


class Limit(AdmissionCase):
    options = ('--no-quotas', '--explain', '--viewer-limit', '7')

    def setUp(self):
        self.done(self.emulator.control('/_/reset', {}))
        self.done(self.emulator.call(
            'ImportPlaybackKeyPair', {'publicKeyMaterial': self.key.public}))

    def full(self, token, channel):
        answer = self.play(token, channel)
        self.assertEqual(answer.status, 429, answer.body)
        [error] = answer.json
        self.assertEqual(set(error), {'url', 'error', 'error_code', 'type'})
        self.assertEqual(answer.headers[ALLOWED], '*')
        self.assertEqual(self.reason(answer), 'viewer_limit')

    def test_limit_is_of_an_account_in_a_region(self):
        first, second = self.new_channel(), self.new_channel(False)
        for _ in range(4):
            self.plays(self.token(first), first)
        for _ in range(3):
            self.plays(None, second)
        self.full(self.token(first), first)
        self.full(None, second)
        for where in ({'region': 'eu-west-1'}, {'key': '222222222222'}):
            other = self.new_channel(False, **where)
            self.plays(None, other)

    def test_who_leaves_makes_room(self):
        channel = self.new_channel()
        tokens = [self.token(channel, viewer_id=f'v{n}') for n in range(9)]
        for token in tokens[:7]:
            self.plays(token, channel)
        self.full(tokens[7], channel)
        self.revoke(channel, 'v3')
        self.plays(tokens[7], channel)
        self.full(tokens[8], channel)
        self.advance(3600)
        self.plays(self.token(channel, exp=now() + 3700), channel)

    def test_turned_away_for_want_of_room_uses_no_token_up(self):
        channel, public = self.new_channel(), self.new_channel(False)
        for _ in range(7):
            self.plays(None, public)
        token = self.token(channel, single_use_uuid=str(uuid.uuid4()))
        self.full(token, channel)
        self.full(token, channel)
        self.done(self.emulator.stream(public['arn'], 'stop'))
        self.advance(60)  # its players are gone by then
        self.plays(token, channel)
        self.denied(token, channel, code='playback_auth_error')

    def test_as_many_as_there_is_room_for_win_a_race(self):
        channel = self.new_channel(False)
        path = channel['playbackUrl'].split(self.emulator.host)[1]
        statuses = self.race([path] * 50)
        self.assertEqual(statuses.count(200), 7)
        self.assertEqual(statuses.count(429), 43)


class Sessions(AdmissionCase):
    options = ('--no-quotas', '--explain', '--session-seconds=90000')

    def setUp(self):
        self.done(self.emulator.control('/_/clock', {}))

    def test_session_lives_as_long_as_it_was_told_to(self):
        path = self.variants(self.plays(self.token()))[0]
        self.advance(89000)
        self.assertEqual(self.variant(path).status, 200)
        self.advance(2000)
        answer = self.variant(path)
        self.assertEqual((answer.status, answer.body), (403, b'Forbidden'))
        self.assertEqual(self.reason(answer), 'session_ended')

    def test_clock_that_goes_back_wakes_a_session_that_had_ended(self):
        path = self.variants(self.plays(self.token()))[0]
        self.advance(91000)
        self.assertEqual(self.variant(path).status, 403)
        for _ in range(300):  # enough for the table to be tidied up
            self.plays(None, self.public)
        self.advance(-91000)
        self.assertEqual(self.variant(path).status, 200)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.public = cls.new_channel(False)

    def test_clock_moves_exp_and_the_use_of_a_token(self):
        claims = {'exp': now() + 500, 'single_use_uuid': str(uuid.uuid4())}
        token = self.token(**claims)
        self.advance(501)
        self.denied(token)
        self.advance(-101)
        self.plays(token)
        self.advance(-200)
        self.denied(token, code='playback_auth_error')
        self.advance(301)
        self.denied(token)
        self.advance(-600)
        answer = self.play(token)  # too early for it, used or not
        self.assertEqual(answer.status, 403)

    def test_reasons_tell_ended_from_revoked_from_made_up(self):
        channel = self.new_channel()
        token = self.token(channel, viewer_id='v', viewer_session_version=4)
        path = self.variants(self.plays(token, channel))[0]
        self.revoke(channel, 'v', 3)
        self.assertEqual(self.variant(path).status, 200)
        self.revoke(channel, 'v', 4)
        answer = self.variant(path)
        self.assertEqual((answer.status, answer.body), (403, b'Forbidden'))
        self.assertEqual(self.reason(answer), 'session_revoked')
        made_up = '/v1/playlist/' + '0' * 32 + '.480p30.m3u8'
        self.assertEqual(self.reason(self.variant(made_up)),
                         'session_unknown')
        paths = self.variants(self.plays(
            self.token(maximum_resolution='SD')))
        self.assertEqual(self.reason(self.variant(
            paths[0].replace('480p30', '720p60'))), 'rendition_unknown')

    def test_head_begins_a_session_and_uses_a_token_up(self):
        token = self.token(single_use_uuid=str(uuid.uuid4()))
        answer = self.play(token, method='OPTIONS')
        self.assertEqual(answer.status, 204)
        answer = self.play(token, method='HEAD')
        self.assertEqual((answer.status, answer.body), (200, b''))
        self.denied(token, code='playback_auth_error')
        path = self.variants(self.plays(self.token()))[0]
        answer = self.emulator.request('HEAD', path)
        self.assertEqual((answer.status, answer.body), (200, b''))


class Races(AdmissionCase):
    def test_hundred_requests_use_a_token_once(self):
        for _ in range(3):
            token = self.token(single_use_uuid=str(uuid.uuid4()))
            statuses = self.race([self.target(token)] * 100)
            self.assertEqual(statuses.count(200), 1)
            self.assertEqual(statuses.count(403), 99)

    def test_two_tokens_of_one_uuid_are_used_once(self):
        same = str(uuid.uuid4())
        targets = [self.target(self.token(single_use_uuid=u, viewer_id=v))
                   for v in 'abcde' for u in (same, same.upper())]
        statuses = self.race(targets * 5)
        self.assertEqual(statuses.count(200), 1)

    def test_no_session_outlives_a_revocation_it_raced_with(self):
        """Whoever was let in before it is out after it."""
        channel = self.new_channel()
        token = self.token(channel, viewer_id='v', viewer_session_version=8)
        stop = threading.Event()
        paths = []

        def play():
            while not stop.is_set():
                answer = self.play(token, channel)
                if answer.status == 200:
                    paths.append(self.variants(answer)[0])

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            players = [pool.submit(play) for _ in range(8)]
            while len(paths) < 20 and not any(p.done() for p in players):
                stop.wait(0.01)
            self.revoke(channel, 'v', 8)
            self.denied(token, channel, code='playback_auth_error')
            stop.set()
        for player in players:
            player.result()
        self.assertGreaterEqual(len(paths), 20)
        self.assertEqual({self.variant(path).status for path in paths}, {403})


class Keys(AdmissionCase):
    def test_token_of_a_deleted_key_is_refused_and_its_session_plays_on(self):
        other = Key()
        pair = self.done(self.emulator.call(
            'ImportPlaybackKeyPair',
            {'publicKeyMaterial': other.public}))['keyPair']
        token = other.token(self.payload())
        path = self.variants(self.plays(token))[0]
        self.done(self.emulator.call('DeletePlaybackKeyPair',
                                     {'arn': pair['arn']}))
        answer = self.play(token)
        self.assertEqual(answer.status, 403)
        self.assertEqual(self.reason(answer), 'signature')
        self.assertIn('1 playback key pair was imported into '
                      '000000000000/us-west-2', answer.headers[REASON])
        self.assertEqual(self.variant(path).status, 200)
        self.done(self.emulator.call('ImportPlaybackKeyPair',
                                     {'publicKeyMaterial': other.public}))
        self.plays(token)

    def test_no_key_is_no_way_in(self):
        channel = self.new_channel(key='333333333333')
        answer = self.play(self.token(channel), channel)
        self.assertEqual((answer.status, self.reason(answer)),
                         (403, 'no_key'))


class Explain(AdmissionCase):
    def test_milliseconds_are_named(self):
        late = (now() + 300) * 1000
        answer = self.play(self.token(exp=late, viewer_id='v'))
        self.assertEqual(answer.status, 403)
        said = ('exp_milliseconds: exp is in milliseconds, expected seconds: '
                f'{late // 1000} rather than {late}')
        self.assertEqual(answer.headers[REASON], said)
        self.assertIn(f'({said})', self.emulator.errors())
        answer = self.plays(self.token(exp=late))
        self.assertIn('exp is in milliseconds', answer.headers[REASON])
        # neither: later, in nanoseconds, beyond what numbers hold
        for exp in (now() + 700, now() * 10 ** 9, 2 ** 63 - 1, 1e300):
            answer = self.play(self.token(exp=exp, viewer_id='v'))
            self.assertEqual(self.reason(answer), 'exp_too_far', exp)

    def test_a_page_may_read_the_reason(self):
        answer = self.play(None, Origin='https://x.test')
        self.assertEqual(answer.headers[ALLOWED], '*')
        self.assertEqual(answer.headers['Access-Control-Expose-Headers'],
                         REASON)
        self.assertEqual(answer.headers[REASON], 'segments: the channel is '
                         'private and there is no token')

    def test_good_token_has_no_reason(self):
        self.assertNotIn(REASON, self.plays(self.token()).headers)

    def test_what_a_stranger_wrote_stays_in_the_header(self):
        token = self.token(access_control_allow_origin='https://a.test')
        for origin in ('https://b.test/\xe4\xff', 'a' * 500, '{"%0a'):
            answer = self.play(token, Origin=origin)
            self.assertEqual(answer.status, 403)
            value = answer.headers[REASON]
            self.assertRegex(value, '^[ -~]+$')
            self.assertTrue(value.startswith('origin_mismatch: '))
        viewer = 'v\r\nX-Evil: 1\u20ac'
        channel = self.new_channel()
        self.revoke(channel, viewer, 1)
        answer = self.play(self.token(channel, viewer_id=viewer), channel)
        self.assertNotIn('X-Evil', answer.headers)
        self.assertIn('viewer v\\x0d\\x0aX-Evil: 1\\xe2\\x82\\xac was revoked',
                      answer.headers[REASON])

    def test_channels(self):
        idle = self.new_channel(False, live=False)
        answer = self.play(None, idle)
        self.assertEqual((answer.status, self.reason(answer)),
                         (404, 'channel_offline'))
        idle['playbackUrl'] = idle['playbackUrl'].replace('.m3u8', 'x.m3u8')
        answer = self.play(None, idle)
        self.assertEqual((answer.status, self.reason(answer)),
                         (404, 'channel_unknown'))

    def test_not_unless_asked_for(self):
        emulator = Emulator('--no-quotas')
        self.addCleanup(emulator.stop)
        answer = emulator.request(
            'GET', '/api/video/v1/us-west-2.000000000000.channel.abc.m3u8')
        self.assertEqual(answer.status, 404)
        self.assertNotIn(REASON, answer.headers)
        self.assertIn('(channel_unknown: ', emulator.errors())


class Requests(AdmissionCase):
    options = ('--no-quotas', '--quiet')

    def setUp(self):
        self.done(self.emulator.control('/_/reset', {}))
        self.done(self.emulator.call(
            'ImportPlaybackKeyPair', {'publicKeyMaterial': self.key.public}))

    def latest(self):
        return self.requests()['latest']

    def test_playback(self):
        channel = self.new_channel()
        before = self.latest()
        token = self.token(channel, viewer_id='v')
        path = self.variants(self.plays(token, channel))[0]
        self.variant(path)
        self.revoke(channel, 'v')
        self.variant(path)
        self.denied(token, channel, code='playback_auth_error')
        got = self.requests(f'?after={before}')
        self.assertEqual([(r['operation'], r['status'], r.get('reason'))
                          for r in got['requests']],
                         [('MultivariantPlaylist', 200, None),
                          ('VariantPlaylist', 200, None),
                          ('StartViewerSessionRevocation', 200, None),
                          ('VariantPlaylist', 403, 'session_revoked'),
                          ('MultivariantPlaylist', 403, 'revoked')])
        for number, r in enumerate(got['requests'], before + 1):
            self.assertEqual(r['number'], number)
            self.assertEqual(r['channelArn'], channel['arn'])
            self.assertEqual(r['viewerId'], 'v')
            self.assertEqual(r['account'], '000000000000')
            self.assertEqual(len(r['requestId']), 36)
            self.assertLess(abs(r['now_s'] - now()), 60)
            self.assertRegex(r['time'], r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$')
        self.assertEqual(got['latest'], before + 5)
        self.assertIn('version 0', got['requests'][4]['message'])
        self.assertTrue(
            got['requests'][4]['path'].endswith('.m3u8?token=(redacted)'))

    def test_filters(self):
        channel = self.new_channel()
        before = self.latest()
        self.denied('a.b', channel)
        self.emulator.request('POST', '/Nonsense')
        self.play(None, self.new_channel(live=False))
        statuses = [r['status'] for r in self.requests(
            f'?after={before}')['requests']]
        self.assertEqual(statuses, [403, 404, 200, 403])
        [one] = self.requests(f'?status=403&channelArn={channel["arn"]}')[
            'requests']
        self.assertEqual((one['reason'], one['method']), ('segments', 'GET'))
        [lost] = self.requests('?status=404')['requests']
        self.assertEqual(lost['reason'], 'UnknownOperationException')
        self.assertNotIn('account', lost)
        for query in ('?status=299', '?after=999999',
                      f'?channelArn={channel["arn"]}x'):
            self.assertEqual(self.requests(query)['requests'], [])
        for query in ('?status=x', '?status=', '?status=' + '9' * 18,
                      '?channelArn=x', '?after=-1', '?after=1e3',
                      '?after=' + '9' * 19):
            self.refused(self.emulator.control('/_/requests' + query), 400,
                         'ValidationException')
        self.refused(self.emulator.control('/_/requests', {}), 405,
                     'MethodNotAllowedException')

    def test_no_token_and_no_signature(self):
        token = self.token(exp=now() - 5)
        path = self.channel['playbackUrl'].split(self.emulator.host)[1]
        for target in (f'{path}?token={token}', f'{path}%3Ftoken%3D{token}',
                       f'{path}?Token={token}', f'/x/{token}',
                       f'{path}?X-Amz-Signature={"a" * 64}'):
            self.emulator.request('GET', target)
        self.emulator.request('GET', path, {
            'Origin': f'https://{token}.test'})
        self.emulator.call('PutMetadata', {'channelArn': token,
                                           'metadata': 'x'})
        self.emulator.call('ListChannels', secret='wrong')
        text = self.emulator.control('/_/requests').body.decode()
        for secret in token.split('.') + ['a' * 64, 'AWS4-HMAC-SHA256']:
            self.assertNotIn(secret, text)

    def test_the_last_thousand(self):
        before = self.latest()
        for _ in range(1010):
            self.emulator.request('GET', '/x')
        got = self.requests()
        numbers = [r['number'] for r in got['requests']]
        self.assertEqual(numbers, list(range(before + 11, before + 1011)))
        self.assertEqual(got['latest'], before + 1010)

    def test_reset_forgets_them_and_counts_on(self):
        self.emulator.request('GET', '/x')
        latest = self.latest()
        self.done(self.emulator.control('/_/reset', {}))
        self.assertEqual(self.requests(), {'requests': [], 'latest': latest})

    def test_long_and_odd_targets(self):
        before = self.latest()
        self.emulator.request('GET', '/' + 'x' * 20000)
        self.emulator.raw(b'GET /a\xff\x01b HTTP/1.1\r\nHost: a\r\n\r\n')
        [long, odd] = self.requests(f'?after={before}')['requests']
        self.assertEqual(long['path'], '/' + 'x' * 510)
        self.assertEqual(odd['path'], '/a\\xff\\x01b')
        self.assertEqual(odd['status'], 400)


if __name__ == '__main__':
    main()
