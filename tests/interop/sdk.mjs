// SPDX-License-Identifier: MIT
// The real AWS SDK against ivs-emulator, and the state that it and ivs-token
// share.

import { test } from 'node:test';

import * as ivs from '@aws-sdk/client-ivs';

import { ec, keyPair as generate, p384, pem } from './jwt.mjs';
import { assert, cli, cliJson, fingerprintOf, newPath, reportChecks,
  serviceOptions, startEmulator, writeFile } from './lib.mjs';
import { connect as open, freshAccount, ID, refused, REGION,
  send as call } from './sdk_lib.mjs';

reportChecks('sdk');

const emulator = await startEmulator(['--no-quotas']);
const limited = await startEmulator();

const connect = ({ url = emulator.url, ...how } = {}) => open(url, how);
const client = connect();
const send = (operation, input = {}, via = client) =>
  call(via, operation, input);

const newPublicPem = () => pem(p384().publicKey);

test('a channel lives its life', async () => {
  const account = freshAccount();
  const via = connect({ account });
  const tags = { team: 'video', 'cost center': '' };
  const made = await send('CreateChannel', { name: 'first', authorized: true,
    latencyMode: 'LOW', type: 'STANDARD', tags }, via);
  assert.equal(made.$metadata.httpStatusCode, 200);
  assert.ok(made.$metadata.requestId);
  const { arn } = made.channel;
  assert.match(arn,
    new RegExp(`^arn:aws:ivs:${REGION}:${account}:channel/${ID}$`));
  assert.equal(made.channel.authorized, true);
  assert.equal(made.channel.name, 'first');
  assert.deepEqual(made.channel.tags, tags);
  assert.match(made.channel.playbackUrl, /\.m3u8$/);
  assert.ok(made.channel.ingestEndpoint);
  assert.match(made.streamKey.arn, new RegExp(`:stream-key/${ID}$`));
  assert.equal(made.streamKey.channelArn, arn);
  assert.match(made.streamKey.value, /^sk_us-west-2_/);

  assert.deepEqual((await send('GetChannel', { arn }, via)).channel,
    made.channel);
  const missing = arn.replace(/.{12}$/, 'zzzzzzzzzzzz');
  const batch = await send('BatchGetChannel', { arns: [arn, missing] }, via);
  assert.deepEqual(batch.channels, [made.channel]);
  assert.equal(batch.errors.length, 1);
  assert.equal(batch.errors[0].arn, missing);
  assert.equal(typeof batch.errors[0].code, 'string');

  const changed = await send('UpdateChannel',
    { arn, name: 'second', authorized: false }, via);
  assert.equal(changed.channel.name, 'second');
  assert.equal(changed.channel.authorized, false);
  assert.equal(changed.channel.playbackUrl, made.channel.playbackUrl);
  assert.deepEqual((await send('GetChannel', { arn }, via)).channel,
    changed.channel);

  const gone = await send('DeleteChannel', { arn }, via);
  assert.equal(gone.$metadata.httpStatusCode, 204);
  await refused(send('GetChannel', { arn }, via),
    ivs.ResourceNotFoundException, 404);
  await refused(send('DeleteChannel', { arn }, via),
    ivs.ResourceNotFoundException, 404);
});

test('channels are listed page by page', async () => {
  const account = freshAccount();
  const via = connect({ account });
  const made = new Set();
  for (let i = 0; i < 7; i++) {
    const { channel } = await send('CreateChannel',
      { name: i % 2 ? 'odd' : 'even' }, via);
    made.add(channel.arn);
  }
  const pages = [];
  for await (const page of ivs.paginateListChannels(
    { client: via, pageSize: 3 }, {}))
    pages.push(page.channels.map(({ arn }) => arn));
  assert.deepEqual(pages.map((page) => page.length), [3, 3, 1]);
  assert.deepEqual(new Set(pages.flat()), made);
  const odd = await send('ListChannels', { filterByName: 'odd' }, via);
  assert.equal(odd.channels.length, 3);
  assert.equal(odd.nextToken, undefined);
  assert.equal('playbackUrl' in odd.channels[0], false, 'a summary');
  await refused(send('ListChannels', { nextToken: 'bm9uc2Vuc2U' }, via),
    ivs.ValidationException, 400);
});

test('a key pair lives its life', async () => {
  const account = freshAccount();
  const via = connect({ account });
  const { publicKey } = p384();
  const { keyPair } = await send('ImportPlaybackKeyPair',
    { name: 'key-1', publicKeyMaterial: pem(publicKey), tags: { a: 'b' } },
    via);
  assert.match(keyPair.arn,
    new RegExp(`^arn:aws:ivs:${REGION}:${account}:playback-key/${ID}$`));
  assert.equal(keyPair.fingerprint, fingerprintOf(publicKey));
  assert.equal(keyPair.name, 'key-1');
  assert.deepEqual(keyPair.tags, { a: 'b' });
  const { arn } = keyPair;
  assert.deepEqual((await send('GetPlaybackKeyPair', { arn }, via)).keyPair,
    keyPair);
  await refused(send('ImportPlaybackKeyPair',
    { publicKeyMaterial: pem(publicKey) }, via), ivs.ConflictException, 409);
  const elsewhere = connect({ account, region: 'eu-west-1' });
  const abroad = await send('ImportPlaybackKeyPair',
    { publicKeyMaterial: pem(publicKey) }, elsewhere);
  assert.match(abroad.keyPair.arn, /:eu-west-1:/);
  assert.equal((await send('DeletePlaybackKeyPair', { arn }, via))
    .$metadata.httpStatusCode, 200);
  await refused(send('GetPlaybackKeyPair', { arn }, via),
    ivs.ResourceNotFoundException, 404);
  await refused(send('DeletePlaybackKeyPair', { arn }, via),
    ivs.ResourceNotFoundException, 404);
  await send('ImportPlaybackKeyPair',
    { publicKeyMaterial: pem(publicKey) }, via);
});

test('three key pairs and no fourth', async () => {
  const account = freshAccount();
  const via = connect({ account });
  const arns = new Set();
  for (let i = 0; i < 3; i++) {
    const { keyPair } = await send('ImportPlaybackKeyPair',
      { name: `key-${i}`, publicKeyMaterial: newPublicPem() }, via);
    arns.add(keyPair.arn);
  }
  await refused(send('ImportPlaybackKeyPair',
    { publicKeyMaterial: newPublicPem() }, via),
    ivs.ServiceQuotaExceededException, 402);
  const listed = [];
  for await (const page of ivs.paginateListPlaybackKeyPairs(
    { client: via, pageSize: 2 }, {})) {
    assert.ok(page.keyPairs.length <= 2);
    listed.push(...page.keyPairs);
  }
  assert.deepEqual(new Set(listed.map(({ arn }) => arn)), arns);
  for (const summary of listed)
    assert.equal('fingerprint' in summary, false);
});

test('keys that are no P-384 public key are refused', async () => {
  const { privateKey, publicKey } = p384();
  const p256 = ec('P-256');
  const rsa = generate('rsa', { modulusLength: 2048 });
  const explicit = generate('ec',
    { namedCurve: 'P-384', paramEncoding: 'explicit' });
  for (const material of [pem(privateKey), pem(p256.publicKey),
    pem(rsa.publicKey), pem(explicit.publicKey), 'ssh-rsa AAAA', '',
    pem(publicKey).replace('PUBLIC', 'PRIVATE'),
    publicKey.export({ type: 'spki', format: 'der' }).toString('base64')]) {
    await refused(send('ImportPlaybackKeyPair',
      { publicKeyMaterial: material }), ivs.ValidationException, 400);
  }
});

test('revocations are acknowledged', async () => {
  const { channel } = await send('CreateChannel', { authorized: true });
  const channelArn = channel.arn;
  const one = await send('StartViewerSessionRevocation', { channelArn,
    viewerId: 'viewer-1', viewerSessionVersionsLessThanOrEqualTo: 3 });
  assert.equal(one.$metadata.httpStatusCode, 200);
  const viewerSessions = Array.from({ length: 20 },
    (_, i) => ({ channelArn, viewerId: `viewer-${i}` }));
  const many = await send('BatchStartViewerSessionRevocation',
    { viewerSessions });
  assert.equal(many.$metadata.httpStatusCode, 200);
  assert.deepEqual(many.errors ?? [], []);
  const missing = channelArn.replace(/.{12}$/, 'zzzzzzzzzzzz');
  await refused(send('StartViewerSessionRevocation',
    { channelArn: missing, viewerId: 'v' }),
    ivs.ResourceNotFoundException, 404);
  const partly = await send('BatchStartViewerSessionRevocation',
    { viewerSessions: [{ channelArn: missing, viewerId: 'lost' },
      { channelArn, viewerId: 'found' }] });
  assert.equal(partly.errors.length, 1);
  assert.equal(partly.errors[0].channelArn, missing);
  assert.equal(partly.errors[0].viewerId, 'lost');
  assert.equal(typeof partly.errors[0].code, 'string');
  await refused(send('BatchStartViewerSessionRevocation', { viewerSessions:
    [...viewerSessions, { channelArn, viewerId: 'one more' }] }),
    ivs.ValidationException, 400);
});

test('limits of the model are enforced', async () => {
  const { channel: { arn } } = await send('CreateChannel', {});
  const bad = [
    ['GetChannel', {}],
    ['GetChannel', { arn: 'not-an-arn' }],
    ['GetChannel', { arn: arn + 'x'.repeat(128) }],
    ['CreateChannel', { name: 'with space' }],
    ['CreateChannel', { name: 'x'.repeat(129) }],
    ['CreateChannel', { latencyMode: 'FAST' }],
    ['CreateChannel', { authorized: 'yes' }],
    ['CreateChannel', { tags: Object.fromEntries(
      Array.from({ length: 51 }, (_, i) => [`k${i}`, 'v'])) }],
    ['BatchGetChannel', { arns: [] }],
    ['BatchGetChannel', { arns: Array(51).fill(arn) }],
    ['ListChannels', { maxResults: 0 }],
    ['ListChannels', { maxResults: 101 }],
    ['ListPlaybackKeyPairs', { maxResults: 101 }],
    ['ImportPlaybackKeyPair', {}],
    ['StartViewerSessionRevocation', { channelArn: arn, viewerId: '' }],
    ['StartViewerSessionRevocation',
      { channelArn: arn, viewerId: 'x'.repeat(41) }],
    ['StartViewerSessionRevocation', { channelArn: arn, viewerId: 'v',
      viewerSessionVersionsLessThanOrEqualTo: -1 }],
    ['StartViewerSessionRevocation', { channelArn: arn, viewerId: 'v',
      viewerSessionVersionsLessThanOrEqualTo: 2147483648 }],
    ['BatchStartViewerSessionRevocation', { viewerSessions: [] }],
  ];
  for (const [operation, input] of bad) {
    await refused(send(operation, input), ivs.ValidationException, 400)
      .catch((error) => {
        error.message = `${operation} ${JSON.stringify(input).slice(0, 80)}: ` +
          error.message;
        throw error;
      });
  }
});

test('credentials are checked', async () => {
  await refused(send('ListChannels', {}, connect({ secret: 'wrong' })),
    /^(InvalidSignature|SignatureDoesNotMatch)/, 403);
  await refused(send('ListChannels', {}, connect({ account: 'stranger' })),
    /^(UnrecognizedClient|InvalidClientTokenId|InvalidAccessKeyId)/, 403);
});

test('the quota of batch revocation throttles', async () => {
  const via = connect({ url: limited.url });
  const { channel } = await send('CreateChannel', {}, via);
  const input = { viewerSessions:
    [{ channelArn: channel.arn, viewerId: 'v' }] };
  const outcomes = await Promise.allSettled(Array.from({ length: 40 },
    () => via.send(new ivs.BatchStartViewerSessionRevocationCommand(input))));
  const failures = outcomes.filter(({ status }) => status === 'rejected');
  assert.ok(failures.length >= 10, `${failures.length} of 40 throttled`);
  assert.ok(failures.length < 40, 'the first is let through');
  for (const { reason } of failures)
    await refused(Promise.reject(reason), ivs.ThrottlingException, 429);
});

test('a restart on the same file forgets nothing', async () => {
  const file = newPath('emulator.db');
  const account = freshAccount();
  const first = await startEmulator(['--db', file]);
  const before = connect({ url: first.url, account });
  const { channel } = await send('CreateChannel', { name: 'kept' }, before);
  const { keyPair } = await send('ImportPlaybackKeyPair',
    { publicKeyMaterial: newPublicPem() }, before);
  before.destroy();
  await first.stop();
  const second = await startEmulator(['--db', file]);
  const later = connect({ url: second.url, account });
  const read = await send('GetChannel', { arn: channel.arn }, later);
  assert.equal(read.channel.name, 'kept');
  assert.equal(read.channel.arn, channel.arn);
  assert.deepEqual((await send('GetPlaybackKeyPair', { arn: keyPair.arn },
    later)).keyPair, keyPair);
});

test('SDK and command share one state', async () => {
  const account = freshAccount();
  const via = connect({ account });
  const env = serviceOptions(emulator.url, REGION, { accessKeyId: account });
  const { privateKey, publicKey } = p384();
  const { keyPair } = await send('ImportPlaybackKeyPair',
    { name: 'from-sdk', publicKeyMaterial: pem(publicKey) }, via);
  const file = writeFile(pem(privateKey), 'private.pem');
  const listed = await cli(['key', 'list'], { env });
  assert.ok(listed.stdout.includes(keyPair.arn), listed.stdout);
  const matched = await cli(['key', 'match', '--key', file], { env });
  assert.ok(matched.stdout.includes(keyPair.arn), matched.stdout);
  const got = await cliJson(['key', 'get', keyPair.arn], { env });
  assert.ok(JSON.stringify(got).includes(keyPair.fingerprint));

  const second = p384();
  const secondFile = writeFile(pem(second.privateKey), 'private.pem');
  await cli(['key', 'import', '--key', secondFile, '--name', 'from-command',
    '--tag', 'team=video'], { env });
  const seen = await send('ListPlaybackKeyPairs', {}, via);
  const imported = seen.keyPairs.find(({ name }) => name === 'from-command');
  assert.deepEqual(imported.tags, { team: 'video' });
  assert.equal((await send('GetPlaybackKeyPair', { arn: imported.arn }, via))
    .keyPair.fingerprint, fingerprintOf(second.publicKey));

  const made = await cli(['api', 'call', 'CreateChannel',
    '{"name":"from-command","authorized":true}'], { env });
  const { channel } = JSON.parse(made.stdout);
  const read = await send('GetChannel', { arn: channel.arn }, via);
  assert.deepEqual(read.channel, channel);

  await cli(['--yes', 'key', 'delete', keyPair.arn], { env });
  await refused(send('GetPlaybackKeyPair', { arn: keyPair.arn }, via),
    ivs.ResourceNotFoundException, 404);
  const unmatched = await cli(['key', 'match', '--key', file],
    { env, code: 1 });
  assert.equal(unmatched.stdout, '');
  await cli(['api', 'call', 'GetPlaybackKeyPair',
    JSON.stringify({ arn: keyPair.arn })], { env, code: 5 });
});
