#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Playback: tokens signed by the openssl command, judged by the edge."""

import concurrent.futures
import hashlib
import json
import re
import uuid

from emulator import Case, Key, b64url, main, now, run


class EdgeCase(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.key = Key()
        answer = cls.emulator.call('ImportPlaybackKeyPair',
                                   {'publicKeyMaterial': cls.key.public})
        assert answer.status == 200, answer.body
        cls.channel = cls.new_channel()

    @classmethod
    def new_channel(cls, authorized=True, live=True, **how):
        answer = cls.emulator.call('CreateChannel',
                                   {'authorized': authorized}, **how)
        assert answer.status == 200, answer.body
        channel = answer.json['channel']
        if live:
            answer = cls.emulator.stream(channel['arn'])
            assert answer.status == 200, answer.body
        return channel

    def payload(self, channel=None, **claims):
        """Claims with names like viewer_id for aws:viewer-id."""
        made = {'aws:channel-arn': (channel or self.channel)['arn'],
                'exp': now() + 300}
        for name, value in claims.items():
            if name not in ('exp', 'nbf', 'iat'):
                name = 'aws:' + name.replace('_', '-')
            if value is None:
                made.pop(name, None)
            else:
                made[name] = value
        return made

    def token(self, channel=None, **claims):
        return self.key.token(self.payload(channel, **claims))

    def play(self, token=None, channel=None, method='GET', query='',
             **headers):
        target = (channel or self.channel)['playbackUrl'].split(
            self.emulator.host)[1]
        if token is not None:
            target += f'?token={token}{query}'
        return self.emulator.request(method, target, headers)

    def plays(self, token=None, channel=None, **headers):
        answer = self.play(token, channel, **headers)
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(answer.headers['Content-Type'],
                         'application/vnd.apple.mpegurl')
        return answer

    def denied(self, token=None, channel=None, code=None, **headers):
        answer = self.play(token, channel, **headers)
        self.assertEqual(answer.status, 403, answer.body)
        [error] = answer.json
        self.assertEqual(set(error), {'url', 'error', 'error_code', 'type'})
        self.assertEqual(error['type'], 'error')
        self.assertEqual(error['error_code'],
                         code or 'invalid_playback_auth_token')
        return error

    def variants(self, answer):
        return [line.split(self.emulator.host)[1]
                for line in answer.body.decode().split('\n')
                if line.startswith('http://')]

    def variant(self, path, **headers):
        return self.emulator.request('GET', path, headers)

    def revoke(self, channel, viewer, version=None):
        value = {'channelArn': channel['arn'], 'viewerId': viewer}
        if version is not None:
            value['viewerSessionVersionsLessThanOrEqualTo'] = version
        answer = self.emulator.call('StartViewerSessionRevocation', value)
        self.assertEqual((answer.status, answer.body), (200, b''))


class Edge(EdgeCase):
    def test_lost_token(self):
        for token in (None, '', 'a', 'a.b'):
            with self.subTest(token):
                self.assertEqual(
                    self.denied(token)['error'],
                    'token contains an invalid number of segments')

    def test_url_of_a_refusal_is_the_one_asked_for(self):
        error = self.denied('a')
        self.assertTrue(error['url'].endswith('.m3u8?token=a'))

    def test_good_token_in_either_form_of_url(self):
        body = self.plays(self.token()).body.decode()
        self.assertTrue(body.startswith('#EXTM3U\n'))
        for height in (1080, 720, 480, 360, 160):
            self.assertIn(f'x{height},', body)
        old = dict(self.channel)
        old['playbackUrl'] = old['playbackUrl'].replace('/v1/',
                                                        '/v1/aws.ivs.')
        self.plays(self.token(), old)

    def test_other_query_parameters_are_ignored(self):
        self.plays(self.token(), query='&allow_source=true&token=x&b')
        target = self.channel['playbackUrl'].split(self.emulator.host)[1]
        self.assertEqual(self.emulator.request(
            'GET', f'{target}?a&b=c&token={self.token()}').status, 200)
        dotted = self.token().replace('.', '%2e')
        self.assertEqual(self.emulator.request(
            'GET', f'{target}?token={dotted}').status, 200)

    def test_head_and_options(self):
        answer = self.play(self.token(), method='HEAD')
        self.assertEqual((answer.status, answer.body), (200, b''))
        answer = self.play(method='OPTIONS')
        self.assertEqual(answer.status, 204)
        self.assertEqual(answer.headers['Access-Control-Allow-Origin'], '*')
        self.assertEqual(self.play(method='POST').status, 405)
        path = self.variants(self.plays(self.token()))[0]
        answer = self.emulator.request('OPTIONS', path)
        self.assertEqual(answer.status, 204)
        self.assertEqual(answer.headers['Access-Control-Allow-Origin'], '*')
        self.assertEqual(self.emulator.request('PUT', path).status, 405)

    def test_keys(self):
        self.assertEqual(self.denied(Key().token(self.payload()))['error'],
                         'crypto/ecdsa: verification error')
        elsewhere = self.new_channel(region='eu-west-1')
        self.denied(self.token(elsewhere), elsewhere)
        stranger = self.new_channel(key='222222222222')
        self.denied(self.token(stranger), stranger)

    def test_times(self):
        self.denied(self.token(exp=None))
        self.assertEqual(self.denied(self.token(exp=now() - 1))['error'],
                         'Token is expired')
        self.denied(self.token(nbf=now() + 100))
        self.denied(self.token(iat=now() + 100))
        self.plays(self.token(exp=now() + 86400))
        self.denied(self.token(exp=now() + 700, viewer_id='v'))
        self.denied(self.token(exp=now() + 700,
                               single_use_uuid=str(uuid.uuid4())))

    def test_what_the_service_takes(self):
        self.plays(self.token(exp=now() + 60.5))
        self.plays(self.token(exp=(now() + 60) * 1000))
        self.plays(self.token(viewer_id='v', viewer_session_version='7'))
        self.plays(self.token(access_control_allow_origin='rubbish'))
        self.plays(self.token(single_use_uuid=str(uuid.uuid4()),
                              other=2 ** 70))

    def test_what_the_service_refuses(self):
        for claims in [
                {'viewer_id': ''}, {'viewer_id': 'v' * 41}, {'viewer_id': 1},
                {'viewer_id': 'v', 'viewer_session_version': 'x'},
                {'viewer_id': 'v', 'viewer_session_version': -1},
                {'single_use_uuid': 'x'}, {'maximum_resolution': 'hd'},
                {'strict_origin_enforcement': 'true'},
                {'access_control_allow_origin': 1},
                {'channel_arn': self.new_channel()['arn']},
                {'channel_arn': None}, {'exp': f'{now() + 60}'}]:
            with self.subTest(claims):
                self.denied(self.token(**claims))

    def test_tampered_tokens(self):
        header, payload, signature = self.token().split('.')
        none = b64url(b'{"alg":"none"}')
        other = b64url(json.dumps(self.payload(viewer_id='v')).encode())
        for token in (f'{none}.{payload}.', f'{none}.{payload}.{signature}',
                      f'{header}.{other}.{signature}',
                      f'{header}.{payload}.{signature}=',
                      f'{header}.{payload}.{signature[:-2]}',
                      f'{header}.{payload}.{"A" * 128}'):
            with self.subTest(token[:12]):
                self.denied(token)

    def test_duplicate_claims(self):
        text = json.dumps(self.payload())
        self.denied(self.key.token(text[:-1] + f',"exp":{now() + 60}}}'))

    def test_resolutions(self):
        for limit, highest in (('SD', 480), ('HD', 720), ('FULL_HD', 1080)):
            body = self.plays(
                self.token(maximum_resolution=limit)).body.decode()
            heights = [int(h) for h in re.findall(r'RESOLUTION=\d+x(\d+)',
                                                  body)]
            self.assertEqual(max(heights), highest)

    def test_origins_and_cors(self):
        allowed = 'Access-Control-Allow-Origin'
        listed = self.token(access_control_allow_origin=(
            'https://example.com, https://*.example.org'))
        self.assertNotIn(allowed, self.plays(listed).headers)
        for origin in ('https://example.com', 'https://a.example.org'):
            answer = self.plays(listed, Origin=origin)
            self.assertEqual(answer.headers[allowed], origin)
        self.denied(listed, Origin='https://example.org')
        for claims in ({}, {'access_control_allow_origin': '*'}):
            answer = self.plays(self.token(**claims), Origin='https://x.test')
            self.assertEqual(answer.headers[allowed], '*')

    def test_strict_origin_reaches_variants(self):
        origin = 'https://example.com'
        token = self.token(access_control_allow_origin=origin,
                           strict_origin_enforcement=True)
        self.denied(token)
        path = self.variants(self.plays(token, Origin=origin))[0]
        bare = self.variant(path)
        self.assertEqual((bare.status, bare.body), (403, b'origin required'))
        self.assertEqual(self.variant(path, Origin='https://a.b').status, 403)
        self.assertEqual(self.variant(path, Origin=origin).status, 200)

    def test_empty_origin_is_none(self):
        token = self.token(strict_origin_enforcement=True)
        self.denied(token, Origin='')
        path = self.variants(self.plays(token, Origin='http://a.test'))[0]
        bare = self.variant(path, Origin='')
        self.assertEqual((bare.status, bare.body), (403, b'origin required'))
        self.plays(self.token(access_control_allow_origin='http://a.test'),
                   Origin='')

    def test_variants_belong_to_the_session(self):
        paths = self.variants(self.plays(
            self.token(maximum_resolution='SD')))
        self.assertEqual(len(paths), 4)
        for path in paths:
            answer = self.variant(path)
            self.assertEqual(answer.status, 200)
            self.assertTrue(answer.body.startswith(b'#EXTM3U\n'))
        higher = paths[0].replace('480p30', '1080p60')
        self.assertNotEqual(higher, paths[0])
        self.assertEqual(self.variant(higher).status, 403)
        session = re.search(r'/([0-9a-f]{32})\.', paths[0]).group(1)
        made_up = paths[0].replace(session, '0' * 32)
        self.assertEqual(self.variant(made_up).status, 403)
        again = self.variants(self.plays(self.token()))[0]
        self.assertNotIn(session, again)

    def test_single_use(self):
        claims = {'single_use_uuid': str(uuid.uuid4())}
        token = self.token(**claims)
        path = self.variants(self.plays(token))[0]
        self.denied(token, code='playback_auth_error')
        self.assertEqual(self.variant(path).status, 200)
        upper = {'single_use_uuid': claims['single_use_uuid'].upper()}
        self.denied(self.token(**upper), code='playback_auth_error')

    def test_refused_token_is_not_used_up(self):
        token = self.token(single_use_uuid=str(uuid.uuid4()),
                           access_control_allow_origin='https://a.test')
        self.denied(token, Origin='https://b.test')
        self.plays(token, Origin='https://a.test')

    def test_single_use_in_a_race(self):
        token = self.token(single_use_uuid=str(uuid.uuid4()))
        with concurrent.futures.ThreadPoolExecutor(32) as pool:
            statuses = list(pool.map(lambda _: self.play(token).status,
                                     range(100)))
        self.assertEqual(statuses.count(200), 1)
        self.assertEqual(statuses.count(403), 99)

    def test_revocation_stops_tokens_and_sessions(self):
        channel = self.new_channel()
        tokens = {v: self.token(channel, viewer_id='v',
                                viewer_session_version=v)
                  for v in (None, 0, 5, 6, 2 ** 40)}
        paths = {v: self.variants(self.plays(t, channel))[0]
                 for v, t in tokens.items()}
        other = self.variants(self.plays(
            self.token(channel, viewer_id='w'), channel))[0]

        def alive():
            got = {v for v, t in tokens.items()
                   if self.play(t, channel).status == 200}
            self.assertEqual(got, {v for v, p in paths.items()
                                   if self.variant(p).status == 200})
            return got

        self.revoke(channel, 'v')
        self.assertEqual(alive(), {5, 6, 2 ** 40})
        self.revoke(channel, 'v', 5)
        self.assertEqual(alive(), {6, 2 ** 40})
        self.revoke(channel, 'v', 1)
        self.assertEqual(alive(), {6, 2 ** 40})
        self.revoke(channel, 'v', 2 ** 31 - 1)
        self.assertEqual(alive(), {2 ** 40})
        self.denied(tokens[5], channel, code='playback_auth_error')
        self.assertEqual(self.variant(other).status, 200)

    def test_batch_revocation_names_what_failed(self):
        channel = self.new_channel()
        missing = channel['arn'][:-12] + 'zzzzzzzzzzzz'
        foreign = channel['arn'].replace('000000000000', '999999999999')
        answer = self.done(self.emulator.call(
            'BatchStartViewerSessionRevocation', {'viewerSessions': [
                {'channelArn': arn, 'viewerId': 'v'}
                for arn in (channel['arn'], missing, foreign)]}))
        self.assertEqual([(e['channelArn'], e['viewerId'], e['code'])
                          for e in answer['errors']],
                         [(missing, 'v', '404'), (foreign, 'v', '403')])
        self.denied(self.token(channel, viewer_id='v'), channel,
                    code='playback_auth_error')

    def test_channels(self):
        public = self.new_channel(False)
        self.assertEqual(self.variant(
            self.variants(self.plays(None, public))[0]).status, 200)
        unknown = dict(public)
        unknown['playbackUrl'] = re.sub(
            r'channel\.\w+', 'channel.zzzzzzzzzzzz', public['playbackUrl'])
        answer = self.play(None, unknown)
        self.assertEqual(answer.status, 404)
        self.assertEqual(answer.json[0]['type'], 'error')
        session = self.variants(self.plays(None, public))[0]
        self.done(self.emulator.stream(public['arn'], 'stop'))
        self.done(self.emulator.call('DeleteChannel',
                                     {'arn': public['arn']}), 204)
        self.assertEqual(self.play(None, public).status, 404)
        self.assertEqual(self.variant(session).status, 403)

    def test_log_tells_the_reason_and_no_token(self):
        token = self.token(exp=now() - 5)
        self.denied(token, query='&x=1')
        log = self.emulator.errors()
        self.assertIn('token=(redacted)&x=1 (expired: ', log)
        self.assertNotIn(token.split('.')[2], log)

    def test_log_tells_what_only_the_service_takes(self):
        taken = {
            'exp_type': self.payload(exp=now() + 300.5),
            'exp_milliseconds': self.payload(exp=(now() + 300) * 1000),
            'viewer_session_version': self.payload(
                viewer_id='v', viewer_session_version='3'),
            'origin_list': self.payload(
                access_control_allow_origin='https://a.b/'),
            'json_number': self.payload(n=2 ** 63),
        }
        for reason, claims in taken.items():
            with self.subTest(reason):
                before = len(self.emulator.errors())
                self.plays(self.key.token(claims))
                self.assertIn(f'({reason}: accepted',
                              self.emulator.errors()[before:])
        before = len(self.emulator.errors())
        self.plays(self.token())
        self.assertNotIn('accepted', self.emulator.errors()[before:])

    def test_log_has_no_token_from_urls_put_together_wrongly(self):
        token = self.token()
        path = self.channel['playbackUrl'].split(self.emulator.host)[1]
        for target in (f'{path}%3Ftoken%3D{token}', f'{path}?Token={token}',
                       f'{path}?%74oken={token}', f'{path}?a=token={token}',
                       f'{path}&token={token}', f'{path}/{token}',
                       f'/x?{token}', f'{path}?token.m3u8?token={token}',
                       f'{path}?a={token.replace(".", "%2e")}'):
            self.emulator.request('GET', target)
        log = self.emulator.errors()
        self.assertIn('.m3u8%3Ftoken%3D(redacted)', log)
        for part in token.split('.')[1:]:
            self.assertNotIn(part, log)

    def test_channels_deleted_while_they_are_watched(self):
        """A player sees a playlist or no channel, never an error of ours."""
        statuses = set()
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            for _ in range(15):
                channel = self.new_channel()
                token = self.token(channel)
                plays = [pool.submit(self.play, token, channel)
                         for _ in range(20)]
                plays[0].result()
                self.emulator.stream(channel['arn'], 'stop')
                self.emulator.call('DeleteChannel', {'arn': channel['arn']})
                statuses |= {p.result().status for p in plays}
        self.assertLessEqual(statuses, {200, 404})


class Clock(EdgeCase):
    def setUp(self):
        self.done(self.emulator.control('/_/clock', {}))

    def advance(self, seconds):
        self.done(self.emulator.control('/_/clock', {'advance_s': seconds}))

    def test_tokens_expire(self):
        token = self.token(exp=now() + 300)
        self.plays(token)
        self.advance(290)
        self.plays(token)
        self.advance(11)
        self.assertEqual(self.denied(token)['error'], 'Token is expired')

    def test_bound_tokens_live_ten_minutes_from_its_now(self):
        token = self.token(exp=now() + 1000, viewer_id='v')
        self.denied(token)
        self.advance(405)
        self.plays(token)

    def test_sessions_end_but_outlive_their_token(self):
        path = self.variants(self.plays(self.token(exp=now() + 60)))[0]
        self.advance(34 * 60)
        self.assertEqual(self.variant(path).status, 200)
        self.advance(53 * 60)
        answer = self.variant(path)
        self.assertEqual((answer.status, answer.body), (403, b'Forbidden'))

    def test_used_up_until_it_expires(self):
        token = self.token(exp=now() + 500, single_use_uuid=str(uuid.uuid4()))
        self.plays(token)
        self.advance(490)
        self.denied(token, code='playback_auth_error')
        self.advance(20)
        self.denied(token)

    def test_used_up_when_the_clock_goes_back(self):
        claims = {'exp': now() + 500, 'single_use_uuid': str(uuid.uuid4())}
        token = self.token(**claims)
        self.plays(token)
        self.advance(700)
        self.plays(self.token(exp=now() + 1000,
                              single_use_uuid=str(uuid.uuid4())))
        self.advance(-700)
        self.denied(token, code='playback_auth_error')

    def test_revocations_last(self):
        channel = self.new_channel()
        self.revoke(channel, 'v', 3)
        self.advance(86400)
        claims = {'viewer_id': 'v', 'viewer_session_version': 3,
                  'exp': now() + 86400 + 300}
        self.denied(self.token(channel, **claims), channel,
                    code='playback_auth_error')

    def test_api_still_takes_requests_signed_now(self):
        self.advance(10 * 365 * 86400)
        self.done(self.emulator.call('ListChannels'))


class Keys(Case):
    """What may be imported, and how often."""

    def material(self, text, **how):
        return self.emulator.call('ImportPlaybackKeyPair',
                                  {'publicKeyMaterial': text}, **how)

    def test_only_public_p384_keys_in_pem(self):
        key = Key()
        good = key.public
        rsa = run('openssl', 'genpkey', '-algorithm', 'RSA', '-pkeyopt',
                  'rsa_keygen_bits:2048')
        explicit = run('openssl', 'ecparam', '-name', 'secp384r1', '-genkey',
                       '-noout', '-param_enc', 'explicit')
        pkcs8 = run('openssl', 'pkey', data=key.pem).decode()
        for name, text in {
                'empty': '', 'words': 'public key',
                'sec1': key.pem.decode(), 'pkcs8': pkcs8,
                'both': good + pkcs8, 'both reversed': pkcs8 + good,
                'twice': good + Key().public,
                'rsa': run('openssl', 'pkey', '-pubout', data=rsa).decode(),
                'p256': Key('prime256v1').public,
                'p521': Key('secp521r1').public,
                'explicit': run('openssl', 'pkey', '-pubout',
                                data=explicit).decode(),
                'escaped': good.replace('\n', '\\n'),
                'cut': good[:-30], 'ssh': 'ssh-rsa AAAA',
                'jwk': '{"kty":"EC"}',
                'bare': ''.join(good.split('\n')[1:-2])}.items():
            with self.subTest(name):
                message = self.refused(self.material(text), 400,
                                       'ValidationException')
                self.assertEqual(message, 'Request member: publicKeyMaterial '
                                 'failed to satisfy the constraints')
        self.done(self.material(good.replace('\n', '\r\n'),
                                key='300000000000'))

    def test_fingerprint_is_md5_of_der(self):
        key = Key()
        pair = self.done(self.material(key.public,
                                       key='300000000001'))['keyPair']
        der = run('openssl', 'pkey', '-pubin', '-outform', 'DER',
                  data=key.public.encode())
        self.assertEqual(pair['fingerprint'],
                         hashlib.md5(der).digest().hex(':'))
        self.assertEqual(set(pair), {'arn', 'name', 'fingerprint', 'tags'})

    def test_three_pairs_and_no_key_twice(self):
        how = {'key': '300000000002'}
        keys = [Key().public for _ in range(4)]
        pairs = [self.done(self.material(k, **how))['keyPair']
                 for k in keys[:2]]
        self.refused(self.material(keys[0], **how), 409, 'ConflictException')
        pairs.append(self.done(self.material(keys[2], **how))['keyPair'])
        self.refused(self.material(keys[3], **how), 402,
                     'ServiceQuotaExceededException')
        self.done(self.material(keys[3], region='eu-west-1', **how))
        gone = self.emulator.call('DeletePlaybackKeyPair',
                                  {'arn': pairs[0]['arn']}, **how)
        self.assertEqual((gone.status, gone.body), (200, b'{}'))
        self.done(self.material(keys[3], **how))


if __name__ == '__main__':
    main()
