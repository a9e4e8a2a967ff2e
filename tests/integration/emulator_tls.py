#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""ivs-emulator --tls: a certificate made at start, and clients that trust it
and no other."""

import http.client
import json
import os
import shutil
import ssl
import subprocess
import tempfile
import threading
import unittest

from emulator import PROGRAM, Emulator, main, run, sign

CLI = os.path.join(os.environ['IVS_BUILD_DIR'], 'bin', 'ivs-token')


class Secure(Emulator):
    """One that is spoken to over TLS; its certificate comes from the ready
    line."""

    def __init__(self, *options, host='127.0.0.1'):
        super().__init__('--tls', '--no-quotas', *options)
        self.name = host
        self.host = f'{host}:{self.port}'

    def context(self):
        context = ssl.create_default_context(
            cadata=self.ready['caCertificate'])
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        return context

    def request(self, method, target, headers=None, body=None):
        connection = http.client.HTTPSConnection(
            self.name, self.port, timeout=20, context=self.context())
        connection.request(method, target, body, headers or {})
        response = connection.getresponse()
        data = response.read()
        connection.close()
        return response.status, data


class Tls(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def start(self, *options, **how):
        emulator = Secure(*options, **how)
        self.addCleanup(lambda: self.assertEqual(emulator.stop(), 0))
        return emulator

    def curl(self, *words, code=0):
        done = subprocess.run(['curl', '-sS', '--noproxy', '*', *words],
                              capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout

    def test_ready_line_and_names(self):
        emulator = self.start()
        self.assertEqual(emulator.ready['url'],
                         f'https://127.0.0.1:{emulator.port}')
        for name in '127.0.0.1', 'localhost':
            emulator.name = name
            self.assertEqual(emulator.request('GET', '/_/health')[0], 200)
        ipv6 = self.start('--host', '::1', host='::1')
        self.assertEqual(ipv6.request('GET', '/_/health')[0], 200)

    def test_host_that_is_listened_on_is_a_name(self):
        emulator = self.start('--host', '127.0.0.2', host='127.0.0.2')
        self.assertEqual(emulator.request('GET', '/_/health')[0], 200)
        emulator = self.start('--host', 'localhost', host='localhost')
        self.assertEqual(emulator.request('GET', '/_/health')[0], 200)

    def test_certificate_is_as_it_should_be(self):
        emulator = self.start()
        text = run('openssl', 'x509', '-noout', '-text',
                   data=emulator.ready['caCertificate'].encode()).decode()
        self.assertIn('CA:TRUE, pathlen:0', text)
        self.assertIn('NIST CURVE: P-256', text)
        own = ssl.get_server_certificate(('127.0.0.1', emulator.port))
        text = run('openssl', 'x509', '-noout', '-text', '-checkend', '86400',
                   data=own.encode()).decode()
        for part in ('CA:FALSE', 'TLS Web Server Authentication',
                     'NIST CURVE: P-256', 'ecdsa-with-SHA256',
                     'IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, '
                     'DNS:localhost'):
            self.assertIn(part, text)

    def test_file_is_what_is_said_and_new_at_each_start(self):
        seen = set()
        for _ in range(2):
            emulator = self.start('--tls-cert', self.path('ca.pem'))
            with open(self.path('ca.pem'), encoding='ascii') as file:
                text = file.read()
            self.assertEqual(text, emulator.ready['caCertificate'])
            self.assertNotIn('PRIVATE', text)
            seen.add(text)
        self.assertEqual(len(seen), 2)

    def test_curl_trusts_it_and_no_other(self):
        first = self.start('--tls-cert', self.path('first.pem'))
        self.start('--tls-cert', self.path('other.pem'))
        url = f'{first.ready["url"]}/_/health'
        answer = self.curl('--cacert', self.path('first.pem'), url)
        self.assertEqual(json.loads(answer)['status'], 'ok')
        self.curl(url, code=60)
        self.curl('--cacert', self.path('other.pem'), url, code=60)
        # Without TLS nothing is answered.
        self.curl(url.replace('https', 'http'), code=52)

    def test_old_versions_are_refused(self):
        emulator = self.start('--tls-cert', self.path('ca.pem'))
        url = f'{emulator.ready["url"]}/_/health'
        for version in '1.2', '1.3':
            self.curl('--cacert', self.path('ca.pem'), '--tlsv' + version,
                      '--tls-max', version, url)
        self.curl('--cacert', self.path('ca.pem'), '--tlsv1.0', '--tls-max',
                  '1.1', '--ciphers', 'DEFAULT:@SECLEVEL=0', url, code=35)

    def test_playlists_stay_on_tls(self):
        emulator = self.start()
        body = b'{}'
        _, data = emulator.request('POST', '/CreateChannel', sign(
            'POST', '/CreateChannel', emulator.host, body), body)
        channel = json.loads(data)['channel']
        prefix = f'https://{emulator.host}/'
        self.assertTrue(channel['playbackUrl'].startswith(prefix))
        status, _ = emulator.request('POST', '/_/streams', {}, json.dumps(
            {'channelArn': channel['arn'], 'action': 'start'}))
        self.assertEqual(status, 200)
        status, data = emulator.request(
            'GET', '/' + channel['playbackUrl'].split('/', 3)[3])
        urls = [line for line in data.decode().split('\n') if '://' in line
                and not line.startswith('#')]
        self.assertTrue(urls)
        for url in urls:
            self.assertTrue(url.startswith(prefix), url)
        self.assertEqual(emulator.request(
            'GET', '/' + urls[0].split('/', 3)[3])[0], 200)

    def test_control_is_for_pages_of_its_own_origin(self):
        emulator = self.start()
        for origin, status in (
                (f'https://{emulator.host}', 200),
                (f'http://{emulator.host}', 403),
                (f'https://{emulator.host}0', 403), ('https://a.example', 403),
                (f'httpss://{emulator.host}', 403)):
            self.assertEqual(emulator.request(
                'GET', '/_/health', {'Origin': origin})[0], status, origin)

    def test_faults(self):
        emulator = self.start()

        def fault(**rule):
            emulator.request('DELETE', '/_/faults')
            status, _ = emulator.request('POST', '/_/faults', {}, json.dumps(
                {'faults': [{'operation': 'edge:*', **rule}]}))
            self.assertEqual(status, 200)

        target = '/api/video/v1/us-west-2.000000000000.channel.a.m3u8'
        fault(reset='before')
        with self.assertRaises(ConnectionError):
            emulator.request('GET', target)
        fault(reset='mid_body')
        with self.assertRaises((ConnectionError, ssl.SSLError,
                                http.client.IncompleteRead)):
            emulator.request('GET', target)
        fault(latency_ms=500)
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(
            emulator.request('GET', target)[0])) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(answers, [404] * 12)

    def command(self, *words, code=0, **env):
        done = subprocess.run(
            [PROGRAM, '--quiet', '--tls', '--tls-cert', 'ca.pem', '--', *words],
            cwd=self.folder.name, text=True, timeout=100, capture_output=True,
            env={**{n: v for n, v in os.environ.items()
                    if not n.startswith('AWS_')},
                 'HOME': self.folder.name, 'AWS_EC2_METADATA_DISABLED': 'true',
                 'AWS_PAGER': '', **env})
        self.assertEqual(done.returncode, code, done.stderr + done.stdout)
        return done.stdout

    def test_command_trusts_it_wherever_it_goes(self):
        self.assertEqual(self.command(
            'sh', '-c', 'cd / && cmp "$AWS_CA_BUNDLE" "$NODE_EXTRA_CA_CERTS" '
            '&& dirname "$AWS_CA_BUNDLE"'),
            os.path.realpath(self.folder.name) + '\n')

    def test_our_command(self):
        answer = json.loads(self.command(CLI, 'api', 'call', 'ListChannels',
                                         '{}'))
        self.assertEqual(answer, {'channels': []})
        self.command('sh', '-c', f'unset AWS_CA_BUNDLE; exec "{CLI}" '
                     '--ca-bundle ca.pem api call ListChannels "{}"')
        self.command('sh', '-c', f'unset AWS_CA_BUNDLE; exec "{CLI}" '
                     'api call ListChannels "{}"', code=7)

    def test_aws_command(self):
        self.assertTrue(shutil.which('aws'), 'the aws command is needed')
        answer = json.loads(self.command('aws', '--output', 'json', 'ivs',
                                         'list-channels'))
        self.assertEqual(answer, {'channels': []})

    def test_options_that_do_not_go_together(self):
        for words, text in (
                (['--tls-cert', 'x'], '--tls is missing for --tls-cert'),
                (['--tls', '--', 'true'], '--tls-cert goes with --tls')):
            done = subprocess.run([PROGRAM, *words], capture_output=True,
                                  text=True, timeout=20)
            self.assertEqual((done.returncode, done.stdout), (2, ''))
            self.assertIn(text, done.stderr)
        done = subprocess.run(
            [PROGRAM, '--port', '0', '--tls', '--tls-cert',
             self.path('no/ca.pem')], capture_output=True, text=True,
            timeout=20)
        self.assertEqual((done.returncode, done.stdout), (1, ''))
        self.assertIn('no/ca.pem', done.stderr)


if __name__ == '__main__':
    if shutil.which('aws') is None:
        print('the aws command is not installed')
        raise SystemExit(77)
    main()
