#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Accounts by access key id: many clients at once with one each never meet, and
quotas are those of an account in a region."""

import concurrent.futures
import time

from emulator import Case, Key, main

CLIENTS = 20
PUBLIC = Key().public


class Accounts(Case):
    """Rates are off: it is about state."""

    def test_clients_with_accounts_of_their_own_never_meet(self):
        def client(number):
            account = f'{number:012}'

            def call(operation, value=None, code=200):
                answer = self.emulator.call(operation, value, key=account)
                self.assertEqual(answer.status, code, answer.body)
                return answer.json if answer.body else None

            # The same names and the same public key as everybody.
            for name in 'a', 'b', 'c':
                call('CreateChannel', {'name': name})
            call('ImportPlaybackKeyPair', {'publicKeyMaterial': PUBLIC,
                                           'name': 'key'})
            call('CreatePlaybackRestrictionPolicy', {'name': 'policy'})
            channels = call('ListChannels')['channels']
            self.assertEqual([c['name'] for c in channels], ['a', 'b', 'c'])
            arns = [c['arn'] for c in channels]
            for arn in arns:
                self.assertEqual(arn.split(':')[4], account)
            self.emulator.stream(arns[0])
            streams = call('ListStreams')['streams']
            self.assertEqual([s['channelArn'] for s in streams], arns[:1])
            pairs = call('ListPlaybackKeyPairs')['keyPairs']
            self.assertEqual([p['name'] for p in pairs], ['key'])
            self.assertEqual(pairs[0]['arn'].split(':')[4], account)
            # Nothing of a neighbour's can be had, deleted or revoked.
            foreign = arns[1].replace(account, f'{(number + 1) % 20:012}')
            call('GetChannel', {'arn': foreign}, 403)
            call('DeleteChannel', {'arn': foreign}, 403)
            call('StartViewerSessionRevocation',
                 {'channelArn': foreign, 'viewerId': 'v'}, 403)
            call('DeleteChannel', {'arn': arns[2]}, 204)
            self.assertEqual([c['arn'] for c in call('ListChannels')
                              ['channels']], arns[:2])
            return arns[:2]

        for _ in range(3):
            with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
                arns = [arn for part in pool.map(client, range(CLIENTS))
                        for arn in part]
            self.assertEqual(len(set(arns)), 2 * CLIENTS)
            self.done(self.emulator.control('/_/reset', {}))


class Rates(Case):
    options = ()

    def statuses(self, n, **how):
        calls = [('ListPlaybackKeyPairs', {})] * n
        return [a.status for a in self.emulator.burst(calls, **how)]

    def test_rates_are_of_an_account_in_a_region(self):
        # 3 a second; more than that in no time.
        self.assertIn(429, self.statuses(20))
        for how in ({'key': '000000000001'}, {'region': 'eu-west-1'},
                    {'key': '000000000001', 'region': 'eu-west-1'}):
            self.assertEqual(self.statuses(3, **how), [200] * 3)
        # The access key id of the start and the account's number are the same.
        self.assertIn(429, self.statuses(20, key='000000000000'))


class Resources(Case):
    options = ()

    KINDS = (
        ('channels', 'CreateChannel', 5000, {}),
        ('playbackRestrictionPolicies', 'CreatePlaybackRestrictionPolicy', 20,
         {}),
        ('recordingConfigurations', 'CreateRecordingConfiguration', 20,
         {'destinationConfiguration': {'s3': {'bucketName': 'bucket'}}}),
        ('adConfigurations', 'CreateAdConfiguration', 20,
         {'mediaTailorPlaybackConfigurations': [
             {'playbackConfigurationArn': 'arn:aws:mediatailor:us-west-2:'
              '000000000000:playbackConfiguration/x'}]}))

    def setUp(self):
        self.done(self.emulator.control('/_/reset', {}))

    def test_resources_are_counted_in_an_account_and_region(self):
        for kind, operation, most, value in self.KINDS:
            # In parts, as a sanitizer makes it slow.
            for part in [1000] * (most // 1000) or [most]:
                self.done(self.emulator.control('/_/seed', {'accounts': [
                    {'region': 'us-west-2', kind: [value] * part}]}))
            message = self.refused(self.emulator.call(operation, value), 402,
                                   'ServiceQuotaExceededException')
            self.assertIn(f'there are {most} ', message)
            for how in {'key': '000000000001'}, {'region': 'eu-west-1'}:
                self.done(self.emulator.call(operation, value, **how))
        one = self.done(self.emulator.call('ListChannels', {'maxResults': 1}))
        self.done(self.emulator.call('DeleteChannel', {
            'arn': one['channels'][0]['arn']}), 204)
        self.done(self.emulator.call('CreateChannel'))

    def test_key_pairs_are_counted_in_an_account_and_region(self):
        def add(code=200, **how):
            answer = self.emulator.call('ImportPlaybackKeyPair', {
                'publicKeyMaterial': Key().public}, **how)
            self.assertEqual(answer.status, code, answer.body)

        for how in {}, {'key': '000000000001'}, {'region': 'eu-west-1'}:
            for _ in range(3):
                add(**how)
            time.sleep(1) # of the rate
            add(402, **how)


class Lifted(Case):
    def test_without_quotas_there_may_be_more(self):
        for kind, operation, most, value in Resources.KINDS[1:]:
            document = {'accounts': [{'region': 'us-west-2',
                                      kind: [value] * most}]}
            self.done(self.emulator.control('/_/seed', document))
            self.done(self.emulator.call(operation, value))


if __name__ == '__main__':
    main()
