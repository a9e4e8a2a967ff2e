// SPDX-License-Identifier: MIT
// All operations of Amazon IVS, by the real AWS SDK on ivs-emulator.

import { test } from 'node:test';

import * as ivs from '@aws-sdk/client-ivs';

import { p384, pem } from './jwt.mjs';
import { advanceClock, assert, cliJson, fingerprintOf, nowSeconds,
  reportChecks, startEmulator, stream } from './lib.mjs';
import { connect, freshAccount, ID, performed, REGION, refused,
  send } from './sdk_lib.mjs';

reportChecks('sdk_operations');

const emulator = await startEmulator(['--no-quotas']);
const TAGS = { team: 'video', 'cost center': 'Ä+b/c=&%', empty: '' };

// A client of an account of its own.
function start() {
  const account = freshAccount();
  const client = connect(emulator.url, { account });
  return { account,
    send: (operation, input) => send(client, operation, input) };
}

const missingOf = (arn) => arn.replace(/.{12}$/, 'zzzzzzzzzzzz');
const foreignOf = (arn) => arn.replace(/:\d{12}:/, ':999999999999:');
const arnOf = (account, type) =>
  new RegExp(`^arn:aws:ivs:${REGION}:${account}:${type}/${ID}$`);

// What is absent, another's or no ARN at all.
async function refusesArns(own, operation, arn, input = {}, name = 'arn') {
  await refused(own.send(operation, { ...input, [name]: missingOf(arn) }),
    ivs.ResourceNotFoundException, 404);
  await refused(own.send(operation, { ...input, [name]: foreignOf(arn) }),
    ivs.AccessDeniedException, 403);
  await refused(own.send(operation, { ...input, [name]: 'no-arn' }),
    ivs.ValidationException, 400);
}

async function isGone(own, operation, arn) {
  const answer = await own.send(operation, { arn });
  assert.equal(answer.$metadata.httpStatusCode, 204);
  assert.deepEqual(Object.keys(answer), ['$metadata']);
  await refused(own.send(operation, { arn }),
    ivs.ResourceNotFoundException, 404);
  await refused(own.send(operation.replace('Delete', 'Get'), { arn }),
    ivs.ResourceNotFoundException, 404);
}

async function pagesOf(own, operation, result, input = {}) {
  const pages = [];
  let nextToken;
  do {
    const page = await own.send(operation, { ...input, nextToken });
    pages.push(page[result]);
    ({ nextToken } = page);
  } while (nextToken !== undefined);
  return pages;
}

test('channels', async () => {
  const own = start();
  const { channel, streamKey } = await own.send('CreateChannel', {
    name: 'first', latencyMode: 'NORMAL', type: 'ADVANCED_HD',
    authorized: true, insecureIngest: true, tags: TAGS,
    preset: 'CONSTRAINED_BANDWIDTH_DELIVERY' });
  const { arn } = channel;
  assert.match(arn, arnOf(own.account, 'channel'));
  const { srt, ingestEndpoint, playbackUrl, ...rest } = channel;
  assert.deepEqual(rest, { arn, name: 'first', latencyMode: 'NORMAL',
    type: 'ADVANCED_HD', authorized: true, insecureIngest: true, tags: TAGS,
    preset: 'CONSTRAINED_BANDWIDTH_DELIVERY', containerFormat: 'TS',
    recordingConfigurationArn: '', playbackRestrictionPolicyArn: '',
    adConfigurationArn: '', multitrackInputConfiguration: { enabled: false,
      policy: 'ALLOW', maximumResolution: 'FULL_HD' } });
  assert.match(srt.endpoint, /^srt:\/\/[0-9a-f]{12}\.srt\.localhost:9000$/);
  assert.match(srt.passphrase, /^[a-zA-Z0-9]{40}$/);
  assert.match(ingestEndpoint, /^[0-9a-f]{12}\.global-contribute\.localhost$/);
  assert.ok(playbackUrl.startsWith(`${emulator.url}/api/video/v1/`));
  assert.equal(streamKey.channelArn, arn);

  assert.deepEqual((await own.send('GetChannel', { arn })).channel, channel);
  const { channel: second } = await own.send('CreateChannel');
  assert.equal(second.latencyMode, 'LOW');
  assert.equal(second.preset, '');
  const batch = await own.send('BatchGetChannel',
    { arns: [second.arn, missingOf(arn), arn, foreignOf(arn)] });
  assert.deepEqual(batch.channels, [second, channel]);
  assert.deepEqual(batch.errors.map(({ arn: a, code }) => [a, code]),
    [[missingOf(arn), '404'], [foreignOf(arn), '403']]);
  const pages = await pagesOf(own, 'ListChannels', 'channels',
    { maxResults: 1 });
  assert.deepEqual(pages.map((page) => page.map((one) => one.arn)),
    [[arn], [second.arn]]);
  const { srt: a, ingestEndpoint: b, playbackUrl: c, containerFormat: d,
    multitrackInputConfiguration: e, ...summary } = channel;
  assert.deepEqual(pages[0][0], summary);
  const { channel: changed } = await own.send('UpdateChannel',
    { arn, name: 'later', type: 'STANDARD' });
  assert.deepEqual(changed,
    { ...channel, name: 'later', type: 'STANDARD', preset: '' });
  for (const operation of ['GetChannel', 'UpdateChannel', 'DeleteChannel'])
    await refusesArns(own, operation, arn);
  await isGone(own, 'DeleteChannel', arn);
});

test('stream keys', async () => {
  const own = start();
  const { channel, streamKey } = await own.send('CreateChannel',
    { tags: TAGS });
  const { arn } = streamKey;
  assert.match(arn, arnOf(own.account, 'stream-key'));
  assert.match(streamKey.value,
    new RegExp(`^sk_${REGION}_${arn.split('/')[1]}_[a-zA-Z0-9]{30}$`));
  assert.deepEqual((await own.send('GetStreamKey', { arn })).streamKey,
    streamKey);
  const batch = await own.send('BatchGetStreamKey',
    { arns: [missingOf(arn), arn] });
  assert.deepEqual(batch.streamKeys, [streamKey]);
  assert.deepEqual(batch.errors.map(({ code }) => code), ['404']);
  const channelArn = channel.arn;
  const { value, ...summary } = streamKey;
  assert.deepEqual((await own.send('ListStreamKeys', { channelArn }))
    .streamKeys, [summary]);
  await refused(own.send('CreateStreamKey', { channelArn }),
    ivs.ServiceQuotaExceededException, 402);
  await refusesArns(own, 'GetStreamKey', arn);
  await refusesArns(own, 'DeleteStreamKey', arn);
  await refusesArns(own, 'CreateStreamKey', channelArn, {}, 'channelArn');
  await refusesArns(own, 'ListStreamKeys', channelArn, {}, 'channelArn');
  await isGone(own, 'DeleteStreamKey', arn);
  const { streamKey: fresh } = await own.send('CreateStreamKey',
    { channelArn, tags: { a: 'b' } });
  assert.notEqual(fresh.value, value);
  assert.deepEqual(fresh.tags, { a: 'b' });
});

// Create, Get, List, Delete and a channel that refers to it.
async function livesWithChannels(own, kind, { list, input, reference,
  filter }) {
  const member = kind[0].toLowerCase() + kind.slice(1);
  const made = (await own.send(`Create${kind}`,
    { name: 'first', tags: TAGS, ...input }))[member];
  const { arn } = made;
  assert.equal(made.name, 'first');
  assert.deepEqual(made.tags, TAGS);
  for (const [name, value] of Object.entries(input))
    assert.deepEqual(made[name], value);
  assert.deepEqual((await own.send(`Get${kind}`, { arn }))[member], made);
  const bare = (await own.send(`Create${kind}`, input))[member];
  assert.equal(bare.name, '');
  const result = list[0].toLowerCase() + list.slice(1);
  const pages = await pagesOf(own, `List${list}`, result, { maxResults: 1 });
  assert.deepEqual(pages.map((page) => page.map((one) => one.arn)),
    [[arn], [bare.arn]]);
  assert.equal(pages[0][0].name, 'first');

  const { channel } = await own.send('CreateChannel', { [reference]: arn });
  assert.equal(channel[reference], arn);
  const found = await own.send('ListChannels', { [filter]: arn });
  assert.deepEqual(found.channels.map((one) => one.arn), [channel.arn]);
  assert.equal(found.channels[0][reference], arn);
  const none = await own.send('ListChannels', { [filter]: bare.arn });
  assert.deepEqual(none.channels, []);
  await refused(own.send('ListChannels',
    { [filter]: arn, filterByName: 'both' }), ivs.ConflictException, 409);
  await refused(own.send('CreateChannel', { [reference]: missingOf(arn) }),
    ivs.ResourceNotFoundException, 404);
  await refused(own.send(`Delete${kind}`, { arn }),
    ivs.ConflictException, 409);
  await refusesArns(own, `Get${kind}`, arn);
  await refusesArns(own, `Delete${kind}`, arn);
  await own.send('UpdateChannel', { arn: channel.arn, [reference]: '' });
  await isGone(own, `Delete${kind}`, arn);
  return bare;
}

test('recording configurations', async () => {
  const own = start();
  const made = await livesWithChannels(own, 'RecordingConfiguration', {
    list: 'RecordingConfigurations', reference: 'recordingConfigurationArn',
    filter: 'filterByRecordingConfigurationArn', input: {
      destinationConfiguration: { s3: { bucketName: 'my-bucket' } },
      thumbnailConfiguration: { recordingMode: 'INTERVAL',
        targetIntervalSeconds: 5, resolution: 'SD', storage: ['LATEST'] },
      renditionConfiguration: { renditionSelection: 'CUSTOM',
        renditions: ['HD'] },
      recordingReconnectWindowSeconds: 60 } });
  assert.match(made.arn, arnOf(own.account, 'recording-configuration'));
  assert.equal(made.state, ivs.RecordingConfigurationState.Active);
  await refused(own.send('CreateRecordingConfiguration',
    { destinationConfiguration: { s3: { bucketName: 'NO' } } }),
    ivs.ValidationException, 400);
});

test('playback restriction policies', async () => {
  const own = start();
  const input = { allowedCountries: ['IE'], enableStrictOriginEnforcement: true,
    allowedOrigins: ['https://example.com'] };
  const { arn, ...rest } = await livesWithChannels(own,
    'PlaybackRestrictionPolicy', { list: 'PlaybackRestrictionPolicies', input,
      reference: 'playbackRestrictionPolicyArn',
      filter: 'filterByPlaybackRestrictionPolicyArn' });
  assert.match(arn, arnOf(own.account, 'playback-restriction-policy'));
  const changed = await own.send('UpdatePlaybackRestrictionPolicy',
    { arn, name: 'later', allowedCountries: [] });
  assert.deepEqual(changed.playbackRestrictionPolicy,
    { ...rest, arn, name: 'later', allowedCountries: [] });
  await refusesArns(own, 'UpdatePlaybackRestrictionPolicy', arn);
  await refused(own.send('UpdatePlaybackRestrictionPolicy',
    { arn, allowedCountries: ['IRL'] }), ivs.ValidationException, 400);
});

test('ad configurations', async () => {
  const own = start();
  const playbackConfigurationArn =
    `arn:aws:mediatailor:${REGION}:123456789012:playbackConfiguration/a`;
  const input = { mediaTailorPlaybackConfigurations:
    [{ playbackConfigurationArn }, {}] };
  const { arn, ...rest } = await livesWithChannels(own, 'AdConfiguration', {
    list: 'AdConfigurations', reference: 'adConfigurationArn',
    filter: 'filterByAdConfigurationArn', input });
  assert.match(arn, arnOf(own.account, 'ad-configuration'));
  const postRollConfiguration = { durationSeconds: 30, enabled: true };
  const changed = await own.send('UpdateAdConfiguration',
    { arn, postRollConfiguration });
  assert.deepEqual(changed.adConfiguration,
    { ...rest, arn, postRollConfiguration });
  await refusesArns(own, 'UpdateAdConfiguration', arn);
  await refused(own.send('UpdateAdConfiguration',
    { arn, mediaTailorPlaybackConfigurations: [] }),
    ivs.ValidationException, 400);
});

test('playback key pairs', async () => {
  const own = start();
  const { publicKey } = p384();
  const { keyPair } = await own.send('ImportPlaybackKeyPair',
    { name: 'key', publicKeyMaterial: pem(publicKey), tags: TAGS });
  const { arn } = keyPair;
  assert.match(arn, arnOf(own.account, 'playback-key'));
  assert.deepEqual(keyPair, { arn, name: 'key', tags: TAGS,
    fingerprint: fingerprintOf(publicKey) });
  assert.deepEqual((await own.send('GetPlaybackKeyPair', { arn })).keyPair,
    keyPair);
  assert.deepEqual((await own.send('ListPlaybackKeyPairs')).keyPairs,
    [{ arn, name: 'key', tags: TAGS }]);
  await refusesArns(own, 'GetPlaybackKeyPair', arn);
  await refusesArns(own, 'DeletePlaybackKeyPair', arn);
  const gone = await own.send('DeletePlaybackKeyPair', { arn });
  assert.equal(gone.$metadata.httpStatusCode, 200);
  assert.deepEqual((await own.send('ListPlaybackKeyPairs')).keyPairs, []);
});

test('revocations', async () => {
  const own = start();
  const { channel: { arn: channelArn } } = await own.send('CreateChannel');
  const one = { channelArn, viewerId: 'v' };
  const answer = await own.send('StartViewerSessionRevocation',
    { ...one, viewerSessionVersionsLessThanOrEqualTo: 2147483647 });
  assert.deepEqual(Object.keys(answer), ['$metadata']);
  await refusesArns(own, 'StartViewerSessionRevocation', channelArn, one,
    'channelArn');
  const many = await own.send('BatchStartViewerSessionRevocation',
    { viewerSessions: [one, { ...one, channelArn: missingOf(channelArn) }] });
  assert.deepEqual(many.errors.map(({ message, ...rest }) => rest),
    [{ channelArn: missingOf(channelArn), viewerId: 'v', code: '404' }]);
});

test('tags, on a resource of each kind', async () => {
  const own = start();
  const made = await own.send('CreateChannel');
  const pair = await own.send('ImportPlaybackKeyPair',
    { publicKeyMaterial: pem(p384().publicKey) });
  const recording = await own.send('CreateRecordingConfiguration',
    { destinationConfiguration: { s3: { bucketName: 'bucket' } } });
  const policy = await own.send('CreatePlaybackRestrictionPolicy');
  const ads = await own.send('CreateAdConfiguration',
    { mediaTailorPlaybackConfigurations: [{}] });
  for (const { arn: resourceArn } of [made.channel, made.streamKey,
    pair.keyPair, recording.recordingConfiguration,
    policy.playbackRestrictionPolicy, ads.adConfiguration]) {
    const put = await own.send('TagResource', { resourceArn, tags: TAGS });
    assert.equal(put.$metadata.httpStatusCode, 200);
    assert.deepEqual((await own.send('ListTagsForResource', { resourceArn }))
      .tags, TAGS);
    await own.send('UntagResource',
      { resourceArn, tagKeys: ['cost center', 'absent', 'empty'] });
    assert.deepEqual((await own.send('ListTagsForResource', { resourceArn }))
      .tags, { team: 'video' });
  }
  const { arn } = made.channel;
  assert.deepEqual((await own.send('GetChannel', { arn })).channel.tags,
    { team: 'video' });
  await refused(own.send('TagResource', { resourceArn: arn,
    tags: Object.fromEntries(Array.from({ length: 50 },
      (_, i) => [`k${i}`, ''])) }), ivs.ValidationException, 400);
  for (const [operation, input] of [['ListTagsForResource', {}],
    ['TagResource', { tags: TAGS }], ['UntagResource', { tagKeys: ['a'] }]]) {
    await refused(own.send(operation, { ...input,
      resourceArn: missingOf(arn) }), ivs.ResourceNotFoundException, 404);
    await refused(own.send(operation, { ...input, resourceArn: 'no-arn' }),
      ivs.ValidationException, 400);
  }
});

// Seconds between a Date and the emulator's time.
let ahead = 0;
function isNow(date, what) {
  assert.ok(date instanceof Date, what);
  const off = Math.abs(date.getTime() / 1000 - (nowSeconds() + ahead));
  assert.ok(off < 60, `${what}: ${date.toISOString()}`);
}

test('streams, from the first to the last of them', async () => {
  const own = start();
  const { recordingConfiguration } = await own.send(
    'CreateRecordingConfiguration',
    { destinationConfiguration: { s3: { bucketName: 'bucket' } } });
  const { channel } = await own.send('CreateChannel', { name: 'live',
    recordingConfigurationArn: recordingConfiguration.arn });
  const channelArn = channel.arn;
  const inputs = { GetStream: {}, StopStream: {},
    PutMetadata: { metadata: 'x' }, InsertAdBreak: { durationSeconds: 10 } };
  for (const [operation, input] of Object.entries(inputs)) {
    await refused(own.send(operation, { channelArn, ...input }),
      ivs.ChannelNotBroadcasting, 404);
    await refusesArns(own, operation, channelArn, input, 'channelArn');
  }
  for (const operation of ['GetStreamSession', 'ListStreamSessions'])
    await refusesArns(own, operation, channelArn, {}, 'channelArn');
  await refused(own.send('GetStreamSession', { channelArn }),
    ivs.ResourceNotFoundException, 404);

  const begun = await stream(emulator.port, channelArn);
  const { stream: live } = await own.send('GetStream', { channelArn });
  isNow(live.startTime, 'startTime');
  const { startTime, ...facts } = live;
  assert.deepEqual(facts, { channelArn, streamId: begun.streamId,
    playbackUrl: channel.playbackUrl, state: ivs.StreamState.StreamLive,
    health: ivs.StreamHealth.StreamHealthy, viewerCount: 0 });
  assert.match(live.streamId, /^st-[a-zA-Z0-9]{23}$/);
  const { playbackUrl, ...summary } = live;
  assert.deepEqual((await own.send('ListStreams',
    { filterBy: { health: 'HEALTHY' } })).streams, [summary]);
  assert.deepEqual((await own.send('ListStreams',
    { filterBy: { health: 'STARVING' } })).streams, []);
  for (const operation of ['UpdateChannel', 'DeleteChannel'])
    await refused(own.send(operation, { arn: channelArn }),
      ivs.ConflictException, 409);

  const put = await own.send('PutMetadata',
    { channelArn, metadata: 'a'.repeat(1024) });
  assert.equal(put.$metadata.httpStatusCode, 204);
  await refused(own.send('PutMetadata',
    { channelArn, metadata: 'a'.repeat(1025) }), ivs.ValidationException, 400);
  const { adBreakId } = await own.send('InsertAdBreak',
    { channelArn, durationSeconds: 300 });
  assert.match(adBreakId, new RegExp(`^${ID}$`));
  await refused(own.send('InsertAdBreak',
    { channelArn, durationSeconds: 301 }), ivs.ValidationException, 400);

  await advanceClock(emulator.port, 600);
  ahead += 600;
  const stopped = await own.send('StopStream', { channelArn });
  assert.equal(stopped.$metadata.httpStatusCode, 200);
  await refused(own.send('GetStream', { channelArn }),
    ivs.ChannelNotBroadcasting, 404);
  assert.deepEqual((await own.send('ListStreams')).streams, []);

  const { streamSession: over } = await own.send('GetStreamSession',
    { channelArn });
  assert.equal(over.streamId, live.streamId);
  assert.deepEqual(over.startTime, startTime);
  isNow(over.endTime, 'endTime');
  assert.ok(over.endTime - over.startTime >= 600_000);
  assert.deepEqual(over.channel, channel);
  assert.deepEqual(over.recordingConfiguration, recordingConfiguration);
  assert.equal(over.ingestConfiguration.video.videoWidth, 1920);
  assert.equal(over.ingestConfiguration.audio.channels, 2);
  assert.equal(over.ingestConfigurations.videoConfigurations.length, 1);
  assert.deepEqual(over.truncatedEvents.map(({ name }) => name),
    ['Session Ended', 'Stream End', 'Recording End', 'Recording Start',
      'Stream Start', 'Session Created']);
  for (const { eventTime } of over.truncatedEvents)
    assert.ok(eventTime >= over.startTime && eventTime <= over.endTime);

  await stream(emulator.port, channelArn);
  const pages = await pagesOf(own, 'ListStreamSessions', 'streamSessions',
    { channelArn, maxResults: 1 });
  assert.equal(pages.length, 2);
  const [[latest], [first]] = pages;
  assert.equal(latest.endTime, undefined);
  assert.deepEqual(first, { streamId: over.streamId, hasErrorEvent: false,
    startTime: over.startTime, endTime: over.endTime });
  assert.deepEqual((await own.send('GetStreamSession',
    { channelArn, streamId: over.streamId })).streamSession, over);
  await refused(own.send('GetStreamSession',
    { channelArn, streamId: `st-${'z'.repeat(23)}` }),
    ivs.ResourceNotFoundException, 404);
});

// Last: it looks back at the others.
test('no operation of the service was left out', async () => {
  const names = Object.keys(ivs).filter((name) => /^[A-Z].*Command$/.test(name))
    .map((name) => name.replace(/Command$/, '')).sort();
  assert.equal(names.length, 41);
  assert.deepEqual([...performed].sort(), names);
  // and this is the list that is compared with the service model
  const listed = await cliJson(['api', 'list']);
  assert.deepEqual(listed.map(({ name }) => name).sort(), names);
});
