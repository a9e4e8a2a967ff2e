#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`ivs-token credentials` and calls signed with what it finds, over servers on
loopback that speak as AWS does; where botocore is there, it resolves the same
files and finds the same keys."""

import importlib.util
import json
import os
import stat
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import credentials
from credentials import SECRET, World
from emulator import Emulator

BOTOCORE = importlib.util.find_spec('botocore') is not None
ASK_BOTOCORE = '''
import json, sys, botocore.session
session = botocore.session.Session(profile=sys.argv[1] or None)
keys = session.get_credentials()
keys = keys and keys.get_frozen_credentials()
print(json.dumps(keys and [keys.access_key, keys.secret_key, keys.token]))
'''

BASE = f'''[profile base]
aws_access_key_id = BASEKEY
aws_secret_access_key = {SECRET}
'''
ROLE = '''[default]
role_arn = arn:aws:iam::1:role/x
source_profile = base
'''
SSO = '''[default]
sso_session = corp
sso_account_id = 012345678901
sso_role_name = Ops
[sso-session corp]
sso_start_url = https://d.awsapps.com/start
sso_region = us-west-2
'''
PRINTED = json.dumps({'Version': 1, 'AccessKeyId': 'PROCKEY',
                      'SecretAccessKey': SECRET})
PROCESS = f"[default]\ncredential_process = echo '{PRINTED}'\n"
ENVIRONMENT = {'AWS_ACCESS_KEY_ID': 'ENVKEY', 'AWS_SECRET_ACCESS_KEY': SECRET}
CONTAINER = {'AWS_CONTAINER_CREDENTIALS_FULL_URI': 'URL/container',
             'AWS_CONTAINER_AUTHORIZATION_TOKEN': 'Basic abc'}
WEB = {'AWS_WEB_IDENTITY_TOKEN_FILE': 'HOME/web', 'AWS_ROLE_ARN': 'arn:aws:iam::1:role/web'}

# name, config file, environment, profile, key id, source in the report,
# requests that the servers see
CASES = [
    ('environment', BASE, ENVIRONMENT, None, 'ENVKEY', 'environment', []),
    ('environment before a role', ROLE + BASE, ENVIRONMENT, None, 'ENVKEY',
     'environment', []),
    ('environment before AWS_PROFILE', BASE,
     {**ENVIRONMENT, 'AWS_PROFILE': 'base'}, None, 'ENVKEY', 'environment', []),
    ('a profile asked for before the environment', BASE, ENVIRONMENT, 'base',
     'BASEKEY', 'config_file', []),
    ('role', ROLE + BASE, {}, None, 'ROLEKEY', 'assume_role',
     ['sts AssumeRole arn:aws:iam::1:role/x']),
    ('role with keys beside it', ROLE + 'aws_access_key_id = NO\n'
     'aws_secret_access_key = no\n' + BASE, {}, None, 'ROLEKEY', 'assume_role',
     ['sts AssumeRole arn:aws:iam::1:role/x']),
    ('role of a role', '[default]\nrole_arn = arn:aws:iam::1:role/outer\n'
     'source_profile = inner\n[profile inner]\n'
     'role_arn = arn:aws:iam::1:role/inner\nsource_profile = base\n' + BASE, {},
     None, 'ROLEKEY', 'assume_role',
     ['sts AssumeRole arn:aws:iam::1:role/inner',
      'sts AssumeRole arn:aws:iam::1:role/outer']),
    ('role of a profile that names itself',
     '[default]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = default\n'
     f'aws_access_key_id = BASEKEY\naws_secret_access_key = {SECRET}\n', {},
     None, 'ROLEKEY', 'assume_role', ['sts AssumeRole arn:aws:iam::1:role/x']),
    ('role with keys of the environment',
     '[profile r]\nrole_arn = arn:aws:iam::1:role/x\n'
     'credential_source = Environment\n', ENVIRONMENT, 'r', 'ROLEKEY',
     'assume_role', ['sts AssumeRole arn:aws:iam::1:role/x']),
    ('role with keys of the instance',
     '[default]\nrole_arn = arn:aws:iam::1:role/x\n'
     'credential_source = Ec2InstanceMetadata\n', {}, None, 'ROLEKEY',
     'assume_role', ['imds token', 'imds', 'imds',
                     'sts AssumeRole arn:aws:iam::1:role/x']),
    ('role with keys of the container',
     '[default]\nrole_arn = arn:aws:iam::1:role/x\n'
     'credential_source = EcsContainer\n', CONTAINER, None, 'ROLEKEY',
     'assume_role', ['container', 'sts AssumeRole arn:aws:iam::1:role/x']),
    ('role before web identity', ROLE + BASE, WEB, None, 'ROLEKEY',
     'assume_role', ['sts AssumeRole arn:aws:iam::1:role/x']),
    ('web identity of the environment', BASE, WEB, None, 'ROLEKEY',
     'web_identity_environment',
     ['sts AssumeRoleWithWebIdentity arn:aws:iam::1:role/web']),
    ('web identity of the profile', '[default]\nrole_arn = arn:aws:iam::1:'
     'role/w\nweb_identity_token_file = HOME/web\n', {}, None, 'ROLEKEY',
     'web_identity', ['sts AssumeRoleWithWebIdentity arn:aws:iam::1:role/w']),
    ('SSO', SSO, {}, None, 'SSOKEY', 'sso', ['portal']),
    ('SSO, the older form', '[default]\nsso_account_id = 012345678901\n'
     'sso_role_name = Ops\nsso_start_url = https://d.awsapps.com/start\n'
     'sso_region = us-west-2\n', {}, None, 'SSOKEY', 'sso', ['portal']),
    ('process', PROCESS, {}, None, 'PROCKEY', 'process', []),
    ('process before keys beside it', PROCESS + 'aws_access_key_id = NO\n'
     'aws_secret_access_key = no\n', {}, None, 'PROCKEY', 'process', []),
    ('container', '', CONTAINER, None, 'CONTAINERKEY', 'container',
     ['container']),
    ('a profile before the container', BASE.replace('profile base', 'default'),
     CONTAINER, None, 'BASEKEY', 'config_file', []),
    ('instance', '', {}, None, 'IMDSKEY', 'instance_metadata',
     ['imds token', 'imds', 'imds']),
]


class Chain(unittest.TestCase):
    def prepare(self, world, config):
        world.write('.aws/config', config.replace('HOME', world.home))
        world.write('web', 'web-token')
        for name in ('corp', 'https://d.awsapps.com/start'):
            world.login(name, 60)

    def ask_botocore(self, world, profile, env):
        done = subprocess.run(
            [sys.executable, '-c', ASK_BOTOCORE, profile or ''],
            env=world.environment(**env), capture_output=True, text=True,
            timeout=60, check=True)
        return json.loads(done.stdout)

    def test_the_same_source_wins_as_in_botocore(self):
        for name, config, env, profile, key, source, requests in CASES:
            with self.subTest(name), World() as world:
                self.prepare(world, config)
                arguments = ('--profile', profile) if profile else ()
                report = world.report(*arguments, **env)
                self.assertEqual(report['accessKeyId'], key)
                self.assertTrue(report['found'])
                used = [s['source'] for s in report['chain']
                        if s['state'] == 'used']
                self.assertEqual(used, [source])
                self.assertEqual(world.requests, requests)
                if BOTOCORE:
                    found = self.ask_botocore(world, profile, env)
                    self.assertEqual(found[:2], [key, SECRET])
                    self.assertEqual(found[2] is not None,
                                     report['sessionToken'])

    def test_instance_metadata_without_version_2(self):
        with World() as world:
            world.imds_v1_only = True
            report = world.report()
            self.assertEqual(report['accessKeyId'], 'IMDSKEY')
            done = world.cli('credentials', AWS_EC2_METADATA_V1_DISABLED='true')
            self.assertEqual(done.returncode, 4)
            self.assertIn('version 1, which needs none, is disabled',
                          done.stderr)

    def test_a_token_is_renewed_and_written_back(self):
        with World() as world:
            self.prepare(world, SSO)
            path = world.login('corp', 10)
            self.assertEqual(world.report()['accessKeyId'], 'SSOKEY')
            self.assertEqual(world.requests, ['oidc', 'portal'])
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
            with open(path, encoding='utf-8') as file:
                cache = json.load(file)
            self.assertEqual(cache['accessToken'], 'renewed-token')
            self.assertEqual(cache['refreshToken'], 'refresh-2')
            self.assertEqual(cache['clientSecret'], 'client-secret')
            # and botocore can go on with the file
            if BOTOCORE:
                self.assertEqual(self.ask_botocore(world, None, {})[0],
                                 'SSOKEY')
                self.assertEqual(world.requests[2:], ['portal'])

    def refused(self, config, *sentences, env=None, profile=None):
        with World() as world:
            self.prepare(world, config)
            world.login('corp', -1, 'old')
            arguments = ('--profile', profile) if profile else ()
            done = world.cli('credentials', *arguments, **(env or {}))
            self.assertEqual(done.returncode, 4, done.stderr)
            for sentence in sentences:
                self.assertIn(sentence, done.stderr)
            report = world.report(*arguments, code=4, **(env or {}))
            self.assertFalse(report['found'])
            self.assertIsNone(report['accessKeyId'])
            self.assertIn(report['error'], done.stderr)

    def test_failures_name_their_source(self):
        self.refused('[default\n', 'config:1: ')
        self.refused(BASE, 'no profile "none"', 'base', profile='none')
        self.refused('[default]\nrole_arn = r\nsource_profile = a\n'
                     '[profile a]\nrole_arn = r\nsource_profile = default\n',
                     'loop: default -> a -> default')
        self.refused(SSO.replace('corp', 'late'),
                     'aws sso login --sso-session late')
        self.refused('[default]\ncredential_process = echo oops\n',
                     'credential_process of profile default', 'JSON')
        self.refused('[default]\ncredential_process = sh -c "exit 7"\n',
                     'exit code 7')
        self.refused(ROLE + BASE.replace(SECRET, 'wrong'),
                     'role arn:aws:iam::1:role/x of profile default',
                     'SignatureDoesNotMatch: not so')
        self.refused('', 'container', 'HTTP 401',
                     env={**CONTAINER,
                          'AWS_CONTAINER_AUTHORIZATION_TOKEN': 'Basic no'})
        self.refused(ROLE + BASE, 'cannot connect to 127.0.0.1:1',
                     env={'AWS_ENDPOINT_URL_STS': 'http://127.0.0.1:1'})

    def test_nothing_is_said_in_order(self):
        with World() as world:
            done = world.cli('credentials', AWS_EC2_METADATA_DISABLED='true')
            self.assertEqual(done.returncode, 4)
            self.assertIn('no credentials: ', done.stderr)
            lines = done.stdout.splitlines()
            self.assertEqual(len(lines), 11)
            self.assertTrue(lines[0].startswith('environment '))
            self.assertTrue(lines[10].startswith('instance_metadata '))
            self.assertIn('AWS_EC2_METADATA_DISABLED is true', lines[10])

    def test_a_process_speaks_on_stderr_and_reads_nothing(self):
        with World() as world:
            script = world.write('ask', '#!/bin/sh\necho touch your key >&2\n'
                                 f"cat\necho '{PRINTED}'\n", 0o700)
            world.write('.aws/config',
                        f'[default]\ncredential_process = {script}\n')
            done = world.cli('credentials')
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(done.stderr, 'touch your key\n')
            self.assertIn('PROCKEY', done.stdout)

    def test_calls_are_signed_with_keys_of_a_role(self):
        emulator = Emulator('--quiet')
        try:
            with World() as world:
                self.prepare(world, ROLE + BASE)
                world.role_keys = ('test', 'test')
                url = f'http://127.0.0.1:{emulator.port}'
                done = world.cli('api', 'call', 'ListChannels',
                                 '--endpoint-url', url)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(json.loads(done.stdout), {'channels': []})
                self.assertEqual(world.requests,
                                 ['sts AssumeRole arn:aws:iam::1:role/x'])
                world.role_keys = ('test', 'another')
                done = world.cli('api', 'call', 'ListChannels',
                                 '--endpoint-url', url)
                self.assertEqual(done.returncode, 5, done.stderr)
        finally:
            emulator.stop()
            emulator.log.close()


if __name__ == '__main__':
    if not os.path.exists(credentials.CLI):
        sys.exit(77)
    unittest.main()
