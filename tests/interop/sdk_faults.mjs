// SPDX-License-Identifier: MIT
// Faults on purpose, as the AWS SDK meets them: what it repeats, what it tells.

import { test } from 'node:test';

import { assert, countFaults, reportChecks, setFaults, startEmulator }
  from './lib.mjs';
import { connect, freshAccount } from './sdk_lib.mjs';
import * as ivs from '@aws-sdk/client-ivs';

reportChecks('sdk_faults');

const { port, url } = await startEmulator(['--no-quotas']);
const open = (maxAttempts) =>
  connect(url, { account: freshAccount(), maxAttempts });
const list = (client) => client.send(new ivs.ListChannelsCommand({}));
const create = (client) => client.send(new ivs.CreateChannelCommand({}));

test('it repeats after each fault that passes', async () => {
  for (const fault of [
    { status: 503, errorType: 'ServiceUnavailable' },
    { status: 500, errorType: 'InternalServerException' },
    { status: 502 },
    { throttle: true },
    { reset: 'before' },
    { reset: 'mid_body' },
  ]) {
    await setFaults(port, { operation: 'ListChannels', count: 2, ...fault });
    const answer = await list(open(3));
    assert.deepEqual(answer.channels, []);
    assert.equal(answer.$metadata.attempts, 3, JSON.stringify(fault));
    assert.deepEqual(await countFaults(port), [[3, 2]]);
  }
});

test('it tells the fault when attempts are used up', async () => {
  for (const [fault, name, status] of [
    [{ status: 503, errorType: 'ServiceUnavailable' }, 'ServiceUnavailable',
      503],
    [{ throttle: true }, 'ThrottlingException', 429],
    [{ status: 402, errorType: 'ServiceQuotaExceededException' },
      'ServiceQuotaExceededException', 402],
    [{ status: 403, errorType: 'AccessDeniedException' },
      'AccessDeniedException', 403],
  ]) {
    await setFaults(port, { operation: '*', ...fault });
    await assert.rejects(list(open(2)), (error) => {
      assert.equal(error.name, name);
      assert.equal(error.$metadata.httpStatusCode, status);
      assert.ok(error.$metadata.requestId);
      return true;
    });
    const [[seen]] = await countFaults(port);
    assert.equal(seen, status === 503 || status === 429 ? 2 : 1, name);
  }
});

test('a call that was cut after it was carried out is doubled', async () => {
  const client = open(2);
  await setFaults(port,
    { operation: 'CreateChannel', reset: 'mid_body', count: 1 });
  await create(client);
  assert.equal((await list(client)).channels.length, 2);
});

test('a call that was cut before it was carried out is not', async () => {
  const client = open(2);
  await setFaults(port,
    { operation: 'CreateChannel', reset: 'before', count: 1 });
  await create(client);
  assert.equal((await list(client)).channels.length, 1);
});

test('errors of a batch are those of its members', async () => {
  const client = open(1);
  await setFaults(port, { operation: 'BatchStartViewerSessionRevocation',
    batch_errors: { every: 2, code: 'InternalServerException' } });
  const { channel } = await create(client);
  const { errors } = await client.send(
    new ivs.BatchStartViewerSessionRevocationCommand({ viewerSessions:
      ['a', 'b', 'c', 'd'].map((viewerId) =>
        ({ channelArn: channel.arn, viewerId })) }));
  assert.deepEqual(errors.map(({ viewerId, code }) => [viewerId, code]),
    [['b', 'InternalServerException'], ['d', 'InternalServerException']]);
});

test('a late answer is waited for, and its client may lose patience',
  async () => {
    const client = open(1);
    await setFaults(port, { operation: 'ListChannels', latency_ms: 700 });
    const begin = performance.now();
    await list(client);
    assert.ok(performance.now() - begin >= 700);
    await assert.rejects(client.send(new ivs.ListChannelsCommand({}),
      { abortSignal: AbortSignal.timeout(50) }), { name: 'AbortError' });
  });
