#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The page at /_/ and the requests it makes. What it looks like and does in a
browser is tested in tests/browser."""

import base64
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

from emulator import PROGRAM, Case, Emulator, Key, main, now, run
from emulator_edge import EdgeCase

SCOPE = {'account': '000000000000', 'region': 'us-west-2'}
CLI = os.path.join(os.environ['IVS_BUILD_DIR'], 'bin', 'ivs-token')


def der(number):
    body = number.lstrip(b'\0') or b'\0'
    if body[0] >= 0x80:
        body = b'\0' + body
    return bytes([2, len(body)]) + body


def verifies(public, token):
    """Whether the openssl command takes the signature of a token."""
    text, _, signature = token.rpartition('.')
    raw = base64.urlsafe_b64decode(signature)
    body = der(raw[:48]) + der(raw[48:])
    with tempfile.TemporaryDirectory() as folder:
        names = [os.path.join(folder, name) for name in ('key', 'signature')]
        for name, data in zip(names, (public.encode(),
                                      bytes([0x30, len(body)]) + body)):
            with open(name, 'wb') as file:
                file.write(data)
        return subprocess.run(
            ['openssl', 'dgst', '-sha384', '-verify', names[0], '-signature',
             names[1]], input=text.encode(), stdout=subprocess.DEVNULL,
            check=False).returncode == 0


class PageCase(EdgeCase):
    """With a key to mint with, which is not imported."""

    more = ()

    @classmethod
    def setUpClass(cls):
        cls.mint_key = Key()
        with tempfile.NamedTemporaryFile() as file:
            file.write(cls.mint_key.pem)
            file.flush()
            cls.options = ('--no-quotas', '--mint-key', file.name, *cls.more)
            super().setUpClass()

    def control(self, path, value=None):
        return self.done(self.emulator.control(path, value))

    def state(self, query='?account=000000000000&region=us-west-2'):
        return self.control('/_/state' + query)

    def mint(self, claims, ttl=None):
        value = {'claims': claims}
        if ttl is not None:
            value['ttl_s'] = ttl
        return self.emulator.control('/_/mint', value)


class Files(PageCase):
    def test_files_come_with_strict_headers(self):
        for path, kind, text in (
                ('/_/', 'text/html', b'<!doctype html>'),
                ('/_/page.css', 'text/css', b'prefers-color-scheme'),
                ('/_/page.js', 'text/javascript', b"'use strict'")):
            with self.subTest(path):
                answer = self.emulator.request('GET', path)
                self.assertEqual(answer.status, 200)
                self.assertEqual(answer.headers['Content-Type'],
                                 f'{kind}; charset=utf-8')
                self.assertIn(text, answer.body)
                for name, value in (
                        ('X-Content-Type-Options', 'nosniff'),
                        ('Referrer-Policy', 'no-referrer'),
                        ('Cross-Origin-Opener-Policy', 'same-origin'),
                        ('Cross-Origin-Resource-Policy', 'same-origin'),
                        ('Cache-Control', 'no-store')):
                    self.assertEqual(answer.headers[name], value)
                self.assertNotIn('Access-Control-Allow-Origin', answer.headers)

    def policy(self, host):
        answer = self.emulator.request('GET', '/_/', {'Host': host})
        self.assertEqual(answer.status, 200)
        text = answer.headers['Content-Security-Policy']
        return dict(part.split(' ', 1) for part in text.split('; '))

    def test_policy_names_what_is_local_and_nothing_else(self):
        policy = self.policy('127.0.0.1:4711')
        for name in ('default-src', 'base-uri', 'form-action',
                     'frame-ancestors'):
            self.assertEqual(policy[name], "'none'")
        for name in ('script-src', 'style-src'):
            self.assertEqual(policy[name], "'self'")
        self.assertEqual(policy['connect-src'],
                         "'self' localhost:4711 127.0.0.1:4711")
        self.assertNotIn('unsafe', ' '.join(policy.values()))
        for host in ('localhost', '[::1]'):
            self.assertEqual(self.policy(host)['connect-src'],
                             "'self' localhost 127.0.0.1")
        self.assertEqual(self.policy('[::1]:99')['connect-src'],
                         "'self' localhost:99 127.0.0.1:99")

    def test_page_holds_no_code_and_no_address(self):
        html = self.emulator.request('GET', '/_/').body.decode()
        script = self.emulator.request('GET', '/_/page.js').body.decode()
        self.assertEqual(re.findall(r'<script(?![^>]*\bsrc=)', html), [])
        self.assertEqual(re.findall(r'<style|\bstyle=|\bon[a-z]+=', html), [])
        self.assertEqual(
            [url for url in re.findall(r'https?://[^\'" )]*', html + script)
             if url != 'http://www.w3.org/2000/svg'], [])
        self.assertEqual(
            re.findall(r'innerHTML|outerHTML|insertAdjacentHTML|\beval\b|'
                       r'document\.write', script), [])

    def test_hlsjs_has_its_licence_with_it(self):
        script = self.emulator.request('GET', '/_/hls.js')
        licence = self.emulator.request('GET', '/_/hls.LICENSE')
        self.assertEqual(script.status, licence.status)
        self.assertEqual(self.state()['hlsjs'], script.status == 200)
        if script.status == 200:
            self.assertIn(b'Apache License', licence.body)
        else:
            self.refused(script, 404, 'ResourceNotFoundException')

    def test_only_get(self):
        answer = self.emulator.control('/_/page.js', {})
        self.refused(answer, 405, 'MethodNotAllowedException')
        self.assertEqual(answer.headers['Allow'], 'GET')


class Foreign(PageCase):
    PATHS = (('GET', '/_/', None), ('GET', '/_/state', None),
             ('POST', '/_/mint', b'{}'), ('POST', '/_/reset', b'{}'))

    def test_pages_of_other_origins_get_nothing(self):
        for site in ('cross-site', 'same-site', '', 'None', 'elsewhere'):
            for method, path, body in self.PATHS:
                with self.subTest(f'{site} {path}'):
                    answer = self.emulator.request(
                        method, path, {'Sec-Fetch-Site': site}, body)
                    self.refused(answer, 403, 'AccessDeniedException')
        self.assertTrue(self.state()['channels'])

    def test_user_and_the_page_itself_get_it(self):
        for site in ('same-origin', 'none'):
            answer = self.emulator.request('GET', '/_/state',
                                           {'Sec-Fetch-Site': site})
            self.assertEqual(answer.status, 200)

    def test_playback_is_open_to_other_sites(self):
        answer = self.play(self.token(), **{'Sec-Fetch-Site': 'cross-site'})
        self.assertEqual(answer.status, 200)

    def test_header_twice_is_refused(self):
        answer = self.emulator.raw(
            f'GET /_/state HTTP/1.1\r\nHost: {self.emulator.host}\r\n'
            'Sec-Fetch-Site: none\r\nSec-Fetch-Site: cross-site\r\n'
            'Connection: close\r\n\r\n'.encode())
        self.assertTrue(answer.startswith(b'HTTP/1.1 400'))


class State(PageCase):
    def channel_of(self, arn, query=''):
        return next(channel for channel in self.state(query)['channels']
                    if channel['arn'] == arn)

    def test_channel_with_its_stream(self):
        made = self.new_channel(live=False)
        shown = self.channel_of(made['arn'])
        self.assertEqual(
            (shown['name'], shown['authorized'], shown['stream']),
            ('', True, None))
        self.assertNotIn('streamKey', shown)
        self.emulator.stream(made['arn'], health='STARVING')
        self.plays(self.token(made), made)
        stream = self.channel_of(made['arn'])['stream']
        self.assertEqual((stream['health'], stream['viewerCount']),
                         ('STARVING', 1))
        self.assertTrue(stream['streamId'].startswith('st-'))
        self.assertTrue(stream['startTime'])

    def test_sessions_by_viewer_and_when_they_end(self):
        made = self.new_channel()
        self.plays(self.token(made, viewer_id='one', viewer_session_version=7,
                              maximum_resolution='SD'), made)
        self.plays(self.token(made), made)
        without, one = [s for s in self.state()['sessions']
                        if s['channelArn'] == made['arn']]
        self.assertEqual(without['viewerId'], None)
        self.assertEqual((one['viewerId'], one['viewerSessionVersion'],
                          one['maximumResolution'], one['revoked']),
                         ('one', 7, 'SD', False))
        self.assertAlmostEqual(one['started_s'], now(), delta=10)
        self.assertEqual(one['expires_s'] - one['started_s'], 3600)
        self.assertEqual(len(one['session']), 8) # no whole id: it would play

    def test_when_sessions_began_is_kept(self):
        with tempfile.TemporaryDirectory() as folder:
            ages = []
            for more in (('--session-seconds', '600'), ('--no-quotas',)):
                own = Emulator('--db', os.path.join(folder, 'db'), *more)
                self.addCleanup(own.stop)
                if not ages:
                    channel = self.done(own.call('CreateChannel'))['channel']
                    self.done(own.stream(channel['arn']))
                    self.assertEqual(own.request(
                        'GET', channel['playbackUrl'].split(own.host)[1])
                        .status, 200)
                [shown] = own.control('/_/state').json['sessions']
                ages.append((shown['started_s'], shown['expires_s']))
                if len(ages) == 1:
                    self.done(own.stream(channel['arn'], 'stop'))
                    self.done(own.control('/_/clock', {'advance_s': 10}))
                    [shown] = own.control('/_/state').json['sessions']
                    self.assertEqual(shown['started_s'], ages[0][0])
                    ages[0] = (shown['started_s'], shown['expires_s'])
                own.process.kill()
                own.process.wait()
            self.assertEqual(ages[0], ages[1])

    def test_pages_are_bounded(self):
        region = {'region': 'eu-west-1'}
        for _ in range(101):
            made = self.new_channel(live=False, **region)
        query = '?account=000000000000&region=eu-west-1'
        first = self.state(query)
        rest = self.state(f'{query}&channelsAfter={first["channelsNext"]}')
        self.assertEqual([len(first['channels']), len(rest['channels'])],
                         [100, 1])
        self.assertEqual(rest['channels'][0]['arn'], made['arn'])
        self.assertNotIn('channelsNext', rest)

        self.emulator.stream(made['arn'])
        token = self.token(made)
        answer = self.emulator.call('ImportPlaybackKeyPair',
                                    {'publicKeyMaterial': self.key.public},
                                    **region)
        self.assertEqual(answer.status, 200)
        for _ in range(101):
            self.plays(token, made)
        first = self.state(query)
        rest = self.state(f'{query}&sessionsBefore={first["sessionsNext"]}')
        self.assertEqual([len(first['sessions']), len(rest['sessions'])],
                         [100, 1])
        self.assertNotIn('sessionsNext', rest)

    def test_first_scope_is_shown_where_none_is_asked_for(self):
        state = self.state('')
        self.assertEqual(state['scope'], state['scopes'][0])
        self.assertTrue(state['channels'])

    def test_scopes(self):
        self.done(self.emulator.call('CreateChannel', {},
                                     key='123456789012', region='us-east-1'))
        self.assertIn({'account': '123456789012', 'region': 'us-east-1'},
                      self.state()['scopes'])
        other = self.state('?account=123456789012&region=us-east-1')
        self.assertEqual(len(other['channels']), 1)
        self.assertEqual(other['keyPairs'], [])
        empty = self.state('?account=999999999999&region=us-east-1')
        self.assertEqual((empty['channels'], empty['sessions']), ([], []))
        self.assertIn({'name': '', 'arn': self.state()['keyPairs'][0]['arn'],
                       'fingerprint': self.fingerprint(self.key)},
                      self.state()['keyPairs'])

    @staticmethod
    def fingerprint(key):
        der = run('openssl', 'pkey', '-pubin', '-outform', 'DER',
                  data=key.public.encode())
        text = run('openssl', 'dgst', '-md5', '-c', data=der).decode()
        return text.split('= ')[1].strip()

    def test_key_to_mint_with_shows_its_fingerprint_alone(self):
        self.assertEqual(self.state()['mintKey'],
                         {'fingerprint': self.fingerprint(self.mint_key)})

    def test_what_is_no_scope_shows_none(self):
        for query in ('?account=&region=', '?account=a&region=us-west-2',
                      '?account=0000000000000000&region=us-west-2',
                      '?account=000000000000&region=a%00b',
                      '?account=000000000000&region=' + 'a' * 200):
            with self.subTest(query):
                state = self.state(query)
                self.assertIsNone(state['scope'])
                self.assertNotIn('channels', state)

    def test_what_is_no_place_is_refused(self):
        for name in ('channelsAfter', 'sessionsBefore'):
            for place in ('', '-1', 'x', '9' * 19):
                self.assertIn(f"{name} is '{place}', expected a number from",
                              self.refused(self.emulator.control(
                                  '/_/state?account=000000000000&region='
                                  f'us-west-2&{name}={place}'), 400,
                                  'ValidationException'))

    def test_half_a_scope_must_be_enough(self):
        for key, region in (('200000000001', 'eu-west-1'),
                            ('200000000002', 'eu-west-1'),
                            ('200000000002', 'ap-south-1')):
            self.done(self.emulator.call('CreateChannel', {}, key=key,
                                         region=region))
        self.assertEqual(self.state('?account=200000000001')['scope'],
                         {'account': '200000000001', 'region': 'eu-west-1'})
        self.assertEqual(self.state('?region=ap-south-1')['scope'],
                         {'account': '200000000002', 'region': 'ap-south-1'})
        for query, text in (
                ('account=1', "region is missing: account '1' has "
                 'something in 0 regions'),
                ('account=200000000002', 'region is missing: account '
                 "'200000000002' has something in 2 regions"),
                ('region=eu-west-1', 'account is missing: in region')):
            self.assertIn(text, self.refused(self.emulator.control(
                f'/_/state?{query}'), 400, 'ValidationException'))


class Mint(PageCase):
    def claims(self, **more):
        return {'aws:channel-arn': self.channel['arn'], **more}

    def test_token_is_signed_with_the_key(self):
        minted = self.done(self.mint(self.claims(**{'aws:viewer-id': 'a'}), 60))
        self.assertTrue(verifies(self.mint_key.public, minted['token']))
        self.assertFalse(verifies(self.key.public, minted['token']))
        payload = minted['token'].split('.')[1]
        decoded = json.loads(base64.urlsafe_b64decode(payload + '=='))
        self.assertEqual(decoded, minted['claims'])
        self.assertAlmostEqual(decoded.pop('exp'), now() + 60, delta=10)
        self.assertEqual(decoded, self.claims(**{'aws:viewer-id': 'a'}))

    def test_key_is_imported_where_it_is_wanted(self):
        self.control('/_/clock', {'advance_s': 1000}) # exp goes by it
        self.addCleanup(self.control, '/_/clock', {})
        token = self.done(self.mint(self.claims()))['token']
        self.denied(token)
        pair = self.control('/_/mint-key', SCOPE)['keyPair']
        self.assertEqual(pair['fingerprint'],
                         self.state()['mintKey']['fingerprint'])
        self.plays(token)
        self.refused(self.emulator.control('/_/mint-key', SCOPE), 409,
                     'ConflictException')
        self.done(self.emulator.call('DeletePlaybackKeyPair',
                                     {'arn': pair['arn']}))

    def test_everything_a_token_can_say(self):
        claims = self.claims(**{
            'exp': now() + 100, 'aws:viewer-id': 'ü', 'mine': [1],
            'aws:viewer-session-version': 3,
            'aws:single-use-uuid': '12345678-1234-4234-8234-123456789abc',
            'aws:access-control-allow-origin': 'https://a.example,*',
            'aws:strict-origin-enforcement': True,
            'aws:maximum-resolution': 'HD'})
        self.assertEqual(self.done(self.mint(claims))['claims'], claims)

    def test_notices_come_with_it(self):
        notices = self.done(self.mint(self.claims()))['notices']
        self.assertIn('no_viewer_id', [n['code'] for n in notices])

    def test_what_cannot_be_minted(self):
        for claims, ttl in (
                ({}, None), ({'aws:channel-arn': 'a'}, None),
                (self.claims(**{'aws:viewer-id': 'a' * 41}), None),
                (self.claims(**{'aws:viewer-id': 'a'}), 601),
                (self.claims(exp=now() + 9), 9), (self.claims(), 0),
                (self.claims(), -1), (self.claims(), '9'),
                (self.claims(exp=1), None), ([], None), (None, None)):
            with self.subTest(f'{claims} {ttl}'):
                self.refused(self.mint(claims, ttl), 400,
                             'ValidationException')
        self.assertIn('ttl_s is 0, expected a number of seconds from 1',
                      self.mint(self.claims(), 0).body.decode())
        for body in (b'', b'[]', b'{"claims":{},"more":1}', b'{"ttl_s":1}'):
            answer = self.emulator.request('POST', '/_/mint', body=body)
            self.refused(answer, 400, 'ValidationException')

    def test_key_is_never_shown(self):
        secret = run('openssl', 'ec', '-noout', '-text',
                     data=self.mint_key.pem).decode()
        digits = ''.join(re.search(r'priv:([^p]*)pub', secret)[1].split())
        number = bytes.fromhex(digits.replace(':', ''))[-48:]
        shown = [self.emulator.request('GET', path).body
                 for path in ('/_/state', '/_/health', '/_/clock')]
        shown.append(self.mint(self.claims()).body)
        shown.append(self.emulator.errors().encode())
        for form in (number, base64.b64encode(number)[:60],
                     number.hex().encode()):
            self.assertNotIn(form, b''.join(shown))


class Inspect(PageCase):
    @staticmethod
    def said(token, at):
        return json.loads(subprocess.run(
            [CLI, '--json', 'token', 'inspect', '--now', str(at)],
            input=token.encode(), stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, check=False).stdout)

    def test_says_what_the_command_says(self):
        if not os.path.exists(CLI):
            self.skipTest('ivs-token is not built')
        for token in (self.token(), self.token(exp=now() * 1000),
                      self.token(viewer_id='a' * 41), 'a.b.c', 'x',
                      self.key.token('{"exp":1,"exp":2}')):
            with self.subTest(token):
                at = self.control('/_/clock', {'now_s': now()})['now_s']
                found = self.control('/_/inspect', {'token': token})
                # the clock may tick between the two
                self.assertIn(found, [self.said(token, at),
                                      self.said(token, at + 1)])
        self.control('/_/clock', {})

    def test_what_is_no_question(self):
        for value in ({}, {'token': 1}, {'token': 'a', 'more': 1}):
            self.refused(self.emulator.control('/_/inspect', value), 400,
                         'ValidationException')


class Change(PageCase):
    def test_revoked_sessions_and_tokens_end(self):
        channel = self.new_channel()
        path = self.variants(self.plays(self.token(
            channel, viewer_id='v', viewer_session_version=2), channel))[0]
        self.control('/_/revoke', {'channelArn': channel['arn'],
                                   'viewerId': 'v', 'version': 1})
        self.assertEqual(self.variant(path).status, 200)
        answer = self.emulator.control('/_/revoke', {
            'channelArn': channel['arn'], 'viewerId': 'v', 'version': 2})
        self.assertEqual((answer.status, answer.body), (200, b''))
        self.assertEqual(self.variant(path).status, 403)
        [session] = [s for s in self.state()['sessions']
                     if s['channelArn'] == channel['arn']]
        self.assertTrue(session['revoked'])

    def test_what_cannot_be_revoked(self):
        arn = self.channel['arn']
        for value, status, name in (
                ({}, 400, 'ValidationException'),
                ({'channelArn': 'a', 'viewerId': 'v'}, 400,
                 'ValidationException'),
                ({'channelArn': arn}, 400, 'ValidationException'),
                ({'channelArn': arn, 'viewerId': 'a' * 41}, 400,
                 'ValidationException'),
                ({'channelArn': arn, 'viewerId': 'v', 'version': -1}, 400,
                 'ValidationException'),
                ({'channelArn': arn + 'x', 'viewerId': 'v'}, 404,
                 'ResourceNotFoundException')):
            with self.subTest(str(value)):
                self.refused(self.emulator.control('/_/revoke', value),
                             status, name)

    def test_channel_is_private(self):
        made = self.control('/_/channels', {**SCOPE, 'name': 'new'})['channel']
        self.assertEqual((made['name'], made['authorized']), ('new', True))
        self.assertIn(self.emulator.host, made['playbackUrl'])
        self.assertEqual(self.done(self.emulator.call(
            'GetChannel', {'arn': made['arn']}))['channel']['name'], 'new')

    def test_what_is_no_channel(self):
        for value in ({'name': 'a'}, {**SCOPE, 'name': 'a b'},
                      {**SCOPE, 'account': '1' * 13}, {**SCOPE, 'region': ''},
                      {**SCOPE, 'name': 1}):
            with self.subTest(str(value)):
                self.refused(self.emulator.control('/_/channels', value), 400,
                             'ValidationException')


class WithoutKey(Case):
    def test_nothing_is_minted_or_imported(self):
        self.assertIsNone(self.done(
            self.emulator.control('/_/state'))['mintKey'])
        for path, value in (('/_/mint', {'claims': {}}),
                            ('/_/mint-key', SCOPE)):
            self.assertIn('--mint-key', self.refused(
                self.emulator.control(path, value), 409, 'ConflictException'))

    def test_fresh_one_has_no_scope(self):
        state = self.done(self.emulator.control('/_/state'))
        self.assertEqual((state['scopes'], state['scope']), ([], None))


class Open(PageCase):
    """Bound to all addresses: another machine could give a local Host."""

    more = ('--host', '0.0.0.0')

    def test_nothing_is_minted_or_imported(self):
        claims = {'aws:channel-arn': self.channel['arn']}
        for path, value in (('/_/mint', {'claims': claims}),
                            ('/_/mint-key', SCOPE)):
            self.assertIn('loopback', self.refused(
                self.emulator.control(path, value), 403,
                'AccessDeniedException'))


class Start(unittest.TestCase):
    def refuses(self, path, text):
        ended = subprocess.run(
            [PROGRAM, '--port', '0', '--mint-key', path], timeout=20,
            stdin=subprocess.DEVNULL, capture_output=True, check=False)
        self.assertEqual((ended.returncode, ended.stdout), (1, b''))
        self.assertIn(text, ended.stderr)

    def test_key_that_cannot_sign_is_refused(self):
        for data, text in ((Key().public.encode(), b'expected a private one'),
                           (Key('prime256v1').pem, b'P-384'), (b'', b'key')):
            with tempfile.NamedTemporaryFile() as file:
                file.write(data)
                file.flush()
                self.refuses(file.name, text)
        self.refuses('/nothing/here', b'No such file')

    def test_the_key_is_not_for_other_processes_of_its_user(self):
        """Root gives up what lets it look into every process."""
        plain = () if os.geteuid() != 0 else (
            shutil.which('setpriv'), '--bounding-set=-all', '--inh-caps=-all')

        def can_be_looked_into(*options):
            emulator = Emulator(*options, prefix=plain)
            try:
                return subprocess.run(
                    [*plain, 'cat', f'/proc/{emulator.process.pid}/environ'],
                    capture_output=True, check=False).returncode == 0
            finally:
                self.assertEqual(emulator.stop(), 0)

        self.assertTrue(can_be_looked_into())
        with tempfile.NamedTemporaryFile() as file:
            file.write(Key().pem)
            file.flush()
            self.assertFalse(can_be_looked_into('--mint-key', file.name))


if __name__ == '__main__':
    main()
