// SPDX-License-Identifier: MIT
// `ivs-token api call` and the AWS SDK do the same 41 operations on one
// emulator: each changes an account of its own in the same way, and each reads
// both accounts. The answers are the same to the byte where both read the same,
// and the same but for ids, secrets and times where each made its own.

import { test } from 'node:test';

import { p384, pem } from './jwt.mjs';
import { assert, cliJson, reportChecks, serviceOptions, startEmulator, stream }
  from './lib.mjs';
import { connect, freshAccount, REGION, send } from './sdk_lib.mjs';

reportChecks('sdk_same');

const emulator = await startEmulator(['--no-quotas']);

// What the SDK adds to the body of some answers: headers, and its metadata.
const ADDED = new Set(['$metadata', 'accessControlAllowOrigin',
  'accessControlExposeHeaders', 'cacheControl', 'contentSecurityPolicy',
  'strictTransportSecurity', 'xContentTypeOptions', 'xFrameOptions']);

// The body of an answer as it came, from what the SDK makes of it.
function plain(value) {
  if (value instanceof Date)
    return value.toISOString().replace('.000Z', 'Z');
  if (Array.isArray(value))
    return value.map(plain);
  if (value === null || typeof value !== 'object')
    return value;
  return Object.fromEntries(Object.entries(value)
    .filter(([name, one]) => !ADDED.has(name) && one !== undefined)
    .map(([name, one]) => [name, plain(one)]));
}

const bySdk = (account) => {
  const client = connect(emulator.url, { account });
  return async (operation, input) =>
    plain(await send(client, operation, input));
};
const byCommand = (account) => (operation, input) => cliJson(
  ['api', 'call', operation, '-'], { input: JSON.stringify(input),
    env: serviceOptions(emulator.url, REGION, { accessKeyId: account }) });

// What each account has of its own.
const OWN = new Set(['passphrase', 'endpoint', 'ingestEndpoint', 'adBreakId',
  'streamId', 'value', 'startTime', 'endTime', 'eventTime', 'nextToken']);

function common(value, name) {
  if (Array.isArray(value))
    return value.map((one) => common(one));
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value)
      .map(([key, one]) => [key, common(one, key)]));
  if (typeof value !== 'string')
    return value;
  if (OWN.has(name))
    return value.replace(/[a-z]/g, 'a').replace(/[A-Z0-9]/g, 'a')
      .replace(/a+/g, 'a');
  return value.replace(/:\d{12}:([a-z-]+)\/[a-zA-Z0-9]{12}/g, ':0:$1/id')
    .replace(/\.\d{12}\.channel\.[a-zA-Z0-9]{12}/g, '.0.channel.id');
}

const reads = (operation) => /^(Get|List|BatchGet)/.test(operation);

class World {
  constructor(by) {
    this.account = freshAccount();
    const other = by === bySdk ? byCommand : bySdk;
    this.own = by(this.account);
    this.other = other(this.account);
    this.made = {};
  }

  async perform(operation, input) {
    const answer = await this.own(operation, input);
    if (reads(operation)) {
      assert.deepEqual(await this.other(operation, input), answer,
        `${operation} by both`);
    }
    return answer;
  }
}

const worlds = [new World(bySdk), new World(byCommand)];
const performed = new Set();

// One operation in each world, its input made of what was made there before.
async function both(operation, input = () => ({}), keep = () => ({})) {
  const answers = [];
  for (const world of worlds) {
    const answer = await world.perform(operation, input(world.made, world));
    Object.assign(world.made, keep(answer));
    answers.push(answer);
  }
  assert.deepEqual(common(answers[1]), common(answers[0]), operation);
  performed.add(operation);
  return answers;
}

const TAGS = { team: 'video', 'cost center': 'Ä+b/c=@', empty: '' };
const missingOf = (arn) => arn.replace(/.{12}$/, 'zzzzzzzzzzzz');
const byArn = (name) => (made) => ({ arn: made[name] });
const onChannel = (more = {}) =>
  (made) => ({ channelArn: made.channel, ...more });
const arnOf = (member, as = member) =>
  (answer) => ({ [as]: answer[member].arn });

test('configurations', async () => {
  await both('CreateRecordingConfiguration', () => ({ name: 'rec', tags: TAGS,
    destinationConfiguration: { s3: { bucketName: 'bucket-1' } },
    thumbnailConfiguration: { recordingMode: 'INTERVAL',
      targetIntervalSeconds: 5, storage: ['LATEST'] } }),
  arnOf('recordingConfiguration', 'recording'));
  await both('GetRecordingConfiguration', byArn('recording'));
  await both('ListRecordingConfigurations', () => ({ maxResults: 1 }));
  await both('CreatePlaybackRestrictionPolicy', () => ({ name: 'p',
    allowedCountries: ['DE', 'IE'], allowedOrigins: ['https://example.com'],
    enableStrictOriginEnforcement: true }),
  arnOf('playbackRestrictionPolicy', 'policy'));
  await both('GetPlaybackRestrictionPolicy', byArn('policy'));
  await both('UpdatePlaybackRestrictionPolicy',
    (made) => ({ arn: made.policy, allowedCountries: [] }));
  await both('ListPlaybackRestrictionPolicies');
  await both('CreateAdConfiguration', () => ({ name: 'ads',
    mediaTailorPlaybackConfigurations: [{ playbackConfigurationArn:
      `arn:aws:mediatailor:${REGION}:123456789012:playbackConfiguration/a` }] }),
  arnOf('adConfiguration', 'ads'));
  await both('GetAdConfiguration', byArn('ads'));
  await both('UpdateAdConfiguration', (made) => ({ arn: made.ads,
    postRollConfiguration: { durationSeconds: 30, enabled: true } }));
  await both('ListAdConfigurations');
});

test('channels and their stream keys', async () => {
  await both('CreateChannel', (made) => ({ name: 'one', authorized: true,
    latencyMode: 'NORMAL', type: 'ADVANCED_HD', tags: TAGS,
    preset: 'CONSTRAINED_BANDWIDTH_DELIVERY',
    recordingConfigurationArn: made.recording,
    adConfigurationArn: made.ads }),
  (answer) => ({ channel: answer.channel.arn, key: answer.streamKey.arn }));
  await both('GetChannel', byArn('channel'));
  await both('UpdateChannel', (made) => ({ arn: made.channel, name: 'two',
    playbackRestrictionPolicyArn: made.policy }));
  await both('BatchGetChannel', (made) => ({
    arns: [made.channel, missingOf(made.channel)] }));
  await both('ListChannels', () => ({ filterByName: 'two' }));
  await both('ListChannels', (made) => ({
    filterByRecordingConfigurationArn: made.recording, maxResults: 1 }));
  await both('GetStreamKey', byArn('key'));
  await both('BatchGetStreamKey', (made) => ({
    arns: [missingOf(made.key), made.key] }));
  await both('ListStreamKeys', onChannel());
  await both('DeleteStreamKey', byArn('key'));
  await both('CreateStreamKey', onChannel({ tags: { a: 'b' } }),
    arnOf('streamKey', 'key'));
});

test('key pairs, tags, revocations', async () => {
  const publicKeyMaterial = pem(p384().publicKey);
  await both('ImportPlaybackKeyPair',
    () => ({ name: 'k', publicKeyMaterial, tags: TAGS }),
    arnOf('keyPair', 'pair'));
  await both('GetPlaybackKeyPair', byArn('pair'));
  await both('ListPlaybackKeyPairs');
  for (const name of ['pair', 'channel', 'policy']) {
    const resource = (made) => ({ resourceArn: made[name] });
    await both('TagResource',
      (made) => ({ ...resource(made), tags: { 'x y': 'ü', z: '' } }));
    await both('ListTagsForResource', resource);
    await both('UntagResource',
      (made) => ({ ...resource(made), tagKeys: ['x y', 'cost center'] }));
    await both('ListTagsForResource', resource);
  }
  await both('StartViewerSessionRevocation', onChannel({ viewerId: 'v-ü',
    viewerSessionVersionsLessThanOrEqualTo: 2147483647 }));
  await both('BatchStartViewerSessionRevocation', (made) => ({
    viewerSessions: [{ channelArn: made.channel, viewerId: 'a' },
      { channelArn: missingOf(made.channel), viewerId: 'b' }] }));
});

test('streams', async () => {
  for (const { made } of worlds)
    await stream(emulator.port, made.channel);
  await both('GetStream', onChannel());
  await both('ListStreams', () => ({ filterBy: { health: 'HEALTHY' } }));
  await both('PutMetadata', onChannel({ metadata: '{"a":"ü\\n"}' }));
  await both('InsertAdBreak', onChannel({ durationSeconds: 30 }));
  await both('StopStream', onChannel());
  await both('ListStreamSessions', onChannel(),
    ({ streamSessions: [{ streamId }] }) => ({ streamId }));
  await both('GetStreamSession',
    (made) => ({ channelArn: made.channel, streamId: made.streamId }));
});

test('deletions', async () => {
  await both('DeletePlaybackKeyPair', byArn('pair'));
  await both('DeleteStreamKey', byArn('key'));
  await both('DeleteChannel', byArn('channel'));
  await both('DeleteRecordingConfiguration', byArn('recording'));
  await both('DeletePlaybackRestrictionPolicy', byArn('policy'));
  await both('DeleteAdConfiguration', byArn('ads'));
  for (const operation of ['ListChannels', 'ListPlaybackKeyPairs',
    'ListRecordingConfigurations', 'ListAdConfigurations',
    'ListPlaybackRestrictionPolicies', 'ListStreams']) {
    const [answer] = await both(operation);
    assert.deepEqual(Object.values(answer), [[]], operation);
  }
});

// Last: it looks back at the others.
test('no operation was left out', async () => {
  const listed = await cliJson(['api', 'list']);
  assert.deepEqual([...performed].sort(), listed.map(({ name }) => name));
});
