#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Who may call ivs-emulator: Signature Version 4, strictly."""

import datetime
import hashlib

from emulator import Case, REGION, main, sign

UTC = datetime.timezone.utc


class Signature(Case):
    def call(self, change=None, body=b'{}', **how):
        """ListChannels with headers changed after they were signed."""
        headers = sign('POST', '/ListChannels', self.emulator.host, body,
                       **how)
        if change is not None:
            change(headers)
        return self.emulator.request('POST', '/ListChannels', headers, body)

    def denied(self, answer, name='InvalidSignatureException'):
        return self.refused(answer, 403, name)

    def edit(self, find, replace):
        def change(headers):
            before = headers['Authorization']
            headers['Authorization'] = before.replace(find, replace)
            self.assertNotEqual(before, headers['Authorization'])
        return self.call(change)

    def test_good_signature_passes(self):
        self.done(self.call())

    def test_only_the_mandatory_headers_need_be_signed(self):
        self.done(self.call(signed=['host', 'x-amz-date']))

    def test_account_numbers_are_access_key_ids(self):
        self.done(self.call(key='123456789012'))
        for key in ('12345678901', '1234567890123', '12345678901x', ''):
            with self.subTest(key):
                self.denied(self.call(key=key), 'UnrecognizedClientException')

    def test_no_signature(self):
        self.denied(self.call(lambda h: h.pop('Authorization')),
                    'MissingAuthenticationTokenException')

    def test_presigned_request(self):
        answer = self.emulator.request(
            'POST', '/ListChannels?X-Amz-Algorithm=AWS4-HMAC-SHA256'
            '&X-Amz-Signature=0', body=b'{}')
        message = self.denied(answer, 'MissingAuthenticationTokenException')
        self.assertIn('presigned', message)

    def test_incomplete_header(self):
        name = 'IncompleteSignatureException'
        for find, replace in [
                ('AWS4-HMAC-SHA256 ', 'AWS4-HMAC-SHA512 '),
                ('AWS4-HMAC-SHA256 ', 'Bearer '),
                ('Credential=', 'Credentials='),
                ('Signature=', 'Sig='),
                ('aws4_request', 'aws3_request'),
                ('/aws4_request', ''),
                ('test/', 'test/extra/'),
                ('Signature=', 'Signature=,Signature='),
                (', SignedHeaders', ', Credential=x, SignedHeaders')]:
            with self.subTest(find + replace):
                self.denied(self.edit(find, replace), name)
        self.denied(self.call(lambda h: h.update(
            Authorization='AWS4-HMAC-SHA256 ')), name)
        self.denied(self.call(lambda h: h.pop('x-amz-date')), name)
        self.denied(self.call(lambda h: h.update(
            {'x-amz-date': '2026-11-23'})), name)

    def test_nothing_may_follow_a_parameter(self):
        for end in (' junk', '\tjunk', ' junk=1', ',', ', ', ' ,Extra=1'):
            with self.subTest(end):
                answer = self.call(lambda h: h.update(
                    Authorization=h['Authorization'] + end))
                self.assertEqual(answer.status, 403)
        for find in (', SignedHeaders', ', Signature'):
            with self.subTest(find):
                self.assertEqual(self.edit(find, ' junk' + find).status, 403)
        self.done(self.edit(', S', ' ,   S'))

    def test_another_scope(self):
        self.denied(self.call(service='sts'))
        self.denied(self.call(region='us_west'))
        self.denied(self.call(region=''))
        self.denied(self.call(region='r' * 33))
        self.denied(self.edit(f'/{REGION}/', '/eu-west-1/'))

    def test_another_key_or_secret(self):
        self.denied(self.call(key='nobody'), 'UnrecognizedClientException')
        message = self.denied(self.call(secret='wrong'))
        self.assertIn('POST\n/ListChannels\n\n', message)
        self.assertIn(f'/{REGION}/ivs/aws4_request\n', message)

    def test_changed_signature(self):
        for find, replace in [('Signature=', 'Signature=0'),
                              ('SignedHeaders=content-type;host;x-amz-date',
                               'SignedHeaders=host;content-type;x-amz-date'),
                              ('SignedHeaders=content-type;host;x-amz-date',
                               'SignedHeaders=host;x-amz-date'),
                              ('SignedHeaders=', 'SignedHeaders=absent;'),
                              ('SignedHeaders=content-type;host',
                               'SignedHeaders=content-type')]:
            with self.subTest(replace):
                self.denied(self.edit(find, replace))

    def test_upper_case_signature_is_another(self):
        def change(headers):
            start, end = headers['Authorization'].split('Signature=')
            headers['Authorization'] = f'{start}Signature={end.upper()}'
        self.denied(self.call(change))

    def test_changed_body(self):
        headers = sign('POST', '/ListChannels', self.emulator.host, b'{}')
        self.denied(self.emulator.request('POST', '/ListChannels', headers,
                                          b'{ }'))

    def test_changed_path_and_query(self):
        headers = sign('POST', '/ListChannels', self.emulator.host, b'{}')
        for target in ('/ListStreams', '/ListChannels?a=b'):
            self.denied(self.emulator.request('POST', target, headers, b'{}'))

    def test_hash_header_must_be_true(self):
        good = hashlib.sha256(b'{}').hexdigest()
        self.done(self.call(headers={'x-amz-content-sha256': good}))
        for value in ('UNSIGNED-PAYLOAD', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
                      hashlib.sha256(b'').hexdigest()):
            with self.subTest(value):
                self.denied(self.call(headers={'x-amz-content-sha256': value}))

    def test_session_token_must_be_signed_and_is_not_shown(self):
        token = {'x-amz-security-token': 'FwoGZXIvYXdzSECRET'}
        self.done(self.call(headers=token))
        self.denied(self.call(lambda h: h.update(token)))
        message = self.denied(self.call(headers=token, secret='wrong'))
        self.assertIn('x-amz-security-token:(redacted)\n', message)
        self.assertNotIn('SECRET', message)
        self.assertNotIn('SECRET', self.emulator.errors())

    def test_time_may_be_five_minutes_off(self):
        now = datetime.datetime.now(UTC)
        near, far = (datetime.timedelta(minutes=m) for m in (4, 6))
        self.done(self.call(at=now - near))
        self.done(self.call(at=now + near))
        self.assertIn('Signature expired',
                      self.denied(self.call(at=now - far)))
        self.assertIn('Signature not yet current',
                      self.denied(self.call(at=now + far)))

    def test_day_of_scope_and_time_must_agree(self):
        stamp = datetime.datetime.now(UTC).strftime('%Y%m%d')
        self.denied(self.edit(f'{stamp}/', '20200101/'))

    def test_repeated_header_is_signed_in_the_order_of_arrival(self):
        headers = sign('POST', '/ListChannels', self.emulator.host, b'{}',
                       headers={'x-amz-meta': 'a,b'})
        lines = [f'{n}: {v}' for n, v in headers.items() if n != 'x-amz-meta']
        for pair, status in (('ab', b'200'), ('ba', b'403')):
            text = '\r\n'.join(
                ['POST /ListChannels HTTP/1.1', *lines, 'Content-Length: 2',
                 f'X-Amz-Meta: {pair[0]}', f'X-Amz-Meta: {pair[1]}',
                 'Connection: close', '', '{}'])
            self.assertEqual(self.emulator.raw(text.encode()).split()[1],
                             status)


class Credentials(Case):
    options = ('--no-quotas', '--access-key-id', 'AKIDLOCAL')

    def test_the_key_of_the_command_line_is_the_one(self):
        made = self.done(self.emulator.call('CreateChannel', key='AKIDLOCAL'))
        self.assertIn(':000000000000:', made['channel']['arn'])
        self.refused(self.emulator.call('ListChannels'), 403,
                     'UnrecognizedClientException')
        self.assertEqual(self.emulator.ready['accessKeyId'], 'AKIDLOCAL')


if __name__ == '__main__':
    main()
