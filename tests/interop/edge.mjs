// SPDX-License-Identifier: MIT
// The playback edge of ivs-emulator with tokens that jose minted and keys,
// channels and revocations that went through the AWS SDK.

import crypto from 'node:crypto';
import { test } from 'node:test';

import * as ivs from '@aws-sdk/client-ivs';
import HLS from 'hls-parser';
import * as jose from 'jose';

import { b64, forge, p384, pem } from './jwt.mjs';
import { advanceClock, assert, nowSeconds, reportChecks, request,
  startEmulator, stream } from './lib.mjs';

reportChecks('edge');

const REGION = 'us-west-2';
const emulator = await startEmulator(['--no-quotas']);
const client = new ivs.IvsClient({ region: REGION, endpoint: emulator.url,
  maxAttempts: 1,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
const send = (operation, input) =>
  client.send(new ivs[`${operation}Command`](input));

// Seconds the emulator's clock is ahead of ours.
let ahead = 0;
const now = () => nowSeconds() + ahead;

async function importKey() {
  const pair = p384();
  const { keyPair } = await send('ImportPlaybackKeyPair',
    { publicKeyMaterial: pem(pair.publicKey) });
  return { ...pair, arn: keyPair.arn };
}

async function newChannel(authorized = true) {
  const { channel } = await send('CreateChannel', { authorized });
  await stream(emulator.port, channel.arn);
  return channel;
}

const key = await importKey();

function mint(channel, claims = {}, signer = key) {
  return new jose.SignJWT({ 'aws:channel-arn': channel.arn, exp: now() + 300,
    ...claims }).setProtectedHeader({ alg: 'ES384', typ: 'JWT' })
    .sign(signer.privateKey);
}

function playlistPath({ arn }) {
  const [, , , region, account, resource] = arn.split(':');
  return `/api/video/v1/${region}.${account}.` +
    `${resource.replace('/', '.')}.m3u8`;
}

function fetchPlaylist(channel, token, { origin, more = '' } = {}) {
  const path = playlistPath(channel) +
    (token === undefined ? '' : `?token=${token}`) + more;
  return request(emulator.port, 'GET', path,
    { headers: origin ? { origin } : {} });
}

async function allowed(channel, token, options) {
  const answer = await fetchPlaylist(channel, token, options);
  assert.equal(answer.status, 200, answer.body);
  assert.match(answer.headers['content-type'], /mpegurl/i);
  assert.match(answer.body, /^#EXTM3U\r?\n/);
  assert.match(answer.body, /#EXT-X-STREAM-INF:.*RESOLUTION=/);
  return answer;
}

// The shape the service answers with: a JSON array of one object.
async function refused(channel, token, options) {
  const answer = await fetchPlaylist(channel, token, options);
  assert.equal(answer.status, 403, answer.body);
  const list = JSON.parse(answer.body);
  assert.ok(Array.isArray(list));
  assert.equal(list.length, 1);
  const [entry] = list;
  assert.equal(entry.type, 'error');
  assert.equal(typeof entry.error, 'string');
  assert.notEqual(entry.error, '');
  assert.equal(typeof entry.error_code, 'string');
  assert.ok(entry.url.startsWith(playlistPath(channel)), entry.url);
  return entry;
}

test('a good token opens a private channel', async () => {
  const channel = await newChannel();
  await allowed(channel, await mint(channel));
  await allowed(channel, await mint(channel), { more:
    '&player_version=1.56.1&allow_source=true&supported_codecs=avc1' });
  await allowed(channel, await mint(channel, { 'aws:viewer-id': 'v',
    'aws:viewer-session-version': 3 }));
  await allowed(channel, await new jose.SignJWT(
    { 'aws:channel-arn': channel.arn, exp: now() + 60 })
    .setProtectedHeader({ typ: 'JWT', alg: 'ES384', kid: key.arn })
    .sign(key.privateKey));
  const old = await request(emulator.port, 'GET', playlistPath(channel)
    .replace('/v1/', '/v1/aws.ivs.') + `?token=${await mint(channel)}`);
  assert.equal(old.status, 200, 'the older form of the URL');
});

// hls-parser throws at what it does not understand.
test('a parser of HLS reads the playlists', async () => {
  const channel = await newChannel();
  HLS.setOptions({ strictMode: true });
  const parse = async (claims) => HLS.parse((await allowed(channel,
    await mint(channel, claims))).body);
  const whole = await parse({});
  assert.ok(whole.isMasterPlaylist);
  const data = new Map(whole.sessionDataList.map(({ id, value }) =>
    [id, value]));
  assert.equal(data.size, whole.sessionDataList.length, 'no id twice');
  for (const id of ['NODE', 'MANIFEST-NODE-TYPE', 'MANIFEST-NODE', 'SUPPRESS',
    'SERVER-TIME', 'TRANSCODESTACK', 'USER-IP', 'USER-COUNTRY', 'SERVING-ID',
    'CLUSTER', 'ABS', 'VIDEO-SESSION-ID', 'BROADCAST-ID', 'STREAM-TIME',
    'FUTURE', 'MANIFEST-CLUSTER', 'ORIGIN', 'C', 'E', 'CUSTOMER_ID',
    'CONTENT_ID'])
    assert.ok(data.get(id), id);
  const [, , , , account, resource] = channel.arn.split(':');
  assert.equal(data.get('CUSTOMER_ID'), account);
  assert.equal(data.get('CONTENT_ID'), resource.split('/')[1]);
  assert.match(data.get('SERVING-ID'), /^[0-9a-f]{32}$/);
  const limited = await parse({ 'aws:maximum-resolution': 'HD' });
  const groups = ({ variants }) => variants.map(({ video }) =>
    video.map(({ groupId }) => groupId).join());
  assert.equal(groups(whole)[0], 'chunked');
  assert.deepEqual(groups(limited), groups(whole).slice(1));
  for (const { uri, bandwidth, codecs, video } of whole.variants) {
    assert.ok(uri.startsWith(`${emulator.url}/v1/playlist/`), uri);
    assert.ok(bandwidth > 0 && codecs.includes('mp4a.40.2'));
    assert.equal(video.length, 1);
    const { pathname } = new URL(uri);
    const { status, body } = await request(emulator.port, 'GET', pathname);
    assert.equal(status, 200);
    assert.ok(!HLS.parse(body).isMasterPlaylist);
  }
  HLS.setOptions({ strictMode: false });
});

test('a public channel asks for none, an unknown one is not found',
  async () => {
    await allowed(await newChannel(false), undefined);
    const lost = { arn: `arn:aws:ivs:${REGION}:000000000000:channel/` +
      'zzzzzzzzzzzz' };
    assert.equal((await fetchPlaylist(lost)).status, 404);
  });

test('without a good token there is no playback', async () => {
  const channel = await newChannel();
  const other = await newChannel();
  const none = await refused(channel, undefined);
  assert.equal(none.error_code, 'invalid_playback_auth_token');
  assert.equal(none.error, 'token contains an invalid number of segments');
  await refused(channel, '');
  await refused(channel, 'nonsense');
  await refused(channel, await mint(channel, { exp: now() - 1 }));
  await refused(channel, await mint(channel, {}, p384()));
  await refused(channel, await mint(other));
  await refused(channel, await mint(channel, { exp: undefined }));
  await refused(channel, await mint(channel, { exp: `${now() + 60}` }));
  await refused(channel, await mint(channel, { nbf: now() + 120 }));
  await refused(channel, await mint(channel,
    { exp: now() + 900, 'aws:viewer-id': 'v' }));
  await refused(channel, await mint(channel,
    { 'aws:viewer-id': 'x'.repeat(41) }));
  await refused(channel, await mint(channel,
    { 'aws:maximum-resolution': '4K' }));
  await refused(channel, new jose.UnsecuredJWT(
    { 'aws:channel-arn': channel.arn, exp: now() + 60 }).encode());
  const input = `${b64('{"alg":"HS384","typ":"JWT"}')}.${b64(JSON.stringify(
    { 'aws:channel-arn': channel.arn, exp: now() + 60 }))}`;
  await refused(channel, `${input}.${b64(crypto.createHmac('sha384',
    pem(key.publicKey)).update(input).digest())}`);
  await refused(channel, forge(key.privateKey,
    { 'aws:channel-arn': channel.arn, exp: now() + 60 }, undefined, 'der'));
});

test('what the service lets through is let through', async () => {
  const channel = await newChannel();
  await allowed(channel, await mint(channel, { exp: now() + 60.5 }));
  await allowed(channel, await mint(channel, { exp: (now() + 60) * 1000 }));
  await allowed(channel, await mint(channel, { 'aws:viewer-id': 'v',
    'aws:viewer-session-version': '5' }));
});

test('origins', async () => {
  const channel = await newChannel();
  const loose = await mint(channel,
    { 'aws:access-control-allow-origin': 'https://example.com' });
  await allowed(channel, loose);
  const cors = await allowed(channel, loose, { origin: 'https://example.com' });
  assert.equal(cors.headers['access-control-allow-origin'],
    'https://example.com');
  const strict = await mint(channel, {
    'aws:access-control-allow-origin':
      'https://example.com,https://*.example.org',
    'aws:strict-origin-enforcement': true });
  await refused(channel, strict);
  await refused(channel, strict, { origin: 'https://evil.example' });
  await refused(channel, strict, { origin: 'https://example.org' });
  await allowed(channel, strict, { origin: 'https://example.com' });
  await allowed(channel, strict, { origin: 'https://a.b.example.org' });
});

test('the resolution is limited', async () => {
  const channel = await newChannel();
  const heights = async (limit) => {
    const { body } = await allowed(channel, await mint(channel,
      limit ? { 'aws:maximum-resolution': limit } : {}));
    return [...body.matchAll(/RESOLUTION=\d+x(\d+)/g)]
      .map((match) => Number(match[1]));
  };
  const every = await heights();
  assert.ok(Math.max(...every) > 720, `${every}`);
  for (const [limit, height] of [['SD', 480], ['HD', 720],
    ['FULL_HD', 1080]]) {
    const some = await heights(limit);
    assert.deepEqual(some, every.filter((value) => value <= height), limit);
  }
});

test('single use is once, also in a race', async () => {
  const channel = await newChannel();
  const token = await mint(channel,
    { 'aws:single-use-uuid': crypto.randomUUID() });
  await allowed(channel, token);
  await refused(channel, token);
  const raced = await mint(channel,
    { 'aws:single-use-uuid': crypto.randomUUID() });
  const answers = await Promise.all(Array.from({ length: 16 },
    () => fetchPlaylist(channel, raced)));
  const good = answers.filter(({ status }) => status === 200);
  assert.equal(good.length, 1);
  assert.ok(answers.every(({ status }) => [200, 403].includes(status)));
});

test('a revoked viewer is out until a higher version', async () => {
  const channel = await newChannel();
  const other = await newChannel();
  const viewer = { 'aws:viewer-id': 'viewer-1' };
  const versioned = (version) => mint(channel,
    { ...viewer, 'aws:viewer-session-version': version });
  const bare = await mint(channel, viewer);
  const second = await versioned(2);
  const third = await versioned(3);
  for (const token of [bare, second, third])
    await allowed(channel, token);
  await send('StartViewerSessionRevocation',
    { channelArn: channel.arn, viewerId: 'viewer-1' });
  await refused(channel, bare);
  await allowed(channel, second);
  await send('StartViewerSessionRevocation', { channelArn: channel.arn,
    viewerId: 'viewer-1', viewerSessionVersionsLessThanOrEqualTo: 2 });
  await refused(channel, bare);
  await refused(channel, second);
  await allowed(channel, third);
  await send('BatchStartViewerSessionRevocation', { viewerSessions: [
    { channelArn: channel.arn, viewerId: 'viewer-1',
      viewerSessionVersionsLessThanOrEqualTo: 3 },
    { channelArn: channel.arn, viewerId: 'viewer-2' }] });
  await refused(channel, third);
  await refused(channel, await mint(channel, { 'aws:viewer-id': 'viewer-2' }));
  await allowed(channel, await versioned(4));
  await allowed(channel, await mint(channel));
  await allowed(other, await mint(other, viewer));
});

function variantOf(playlist) {
  const line = playlist.body.split(/\r?\n/)
    .find((text) => /^https?:/.test(text));
  const { pathname, search } = new URL(line);
  return (options = {}) => request(emulator.port, 'GET', pathname + search,
    { headers: options.origin ? { origin: options.origin } : {} });
}

test('a session plays without the token, until it is revoked', async () => {
  const channel = await newChannel();
  const first = variantOf(await allowed(channel,
    await mint(channel, { 'aws:viewer-id': 'viewer-1' })));
  const second = variantOf(await allowed(channel,
    await mint(channel, { 'aws:viewer-id': 'viewer-2' })));
  const answer = await first();
  assert.equal(answer.status, 200, answer.body);
  assert.match(answer.body, /^#EXTM3U\r?\n/);
  await send('StartViewerSessionRevocation',
    { channelArn: channel.arn, viewerId: 'viewer-1' });
  assert.equal((await first()).status, 403);
  assert.equal((await second()).status, 200);
});

test('a strict session asks for the origin again', async () => {
  const channel = await newChannel();
  const origin = 'https://example.com';
  const variant = variantOf(await allowed(channel, await mint(channel, {
    'aws:access-control-allow-origin': origin,
    'aws:strict-origin-enforcement': true }), { origin }));
  assert.equal((await variant({ origin })).status, 200);
  assert.equal((await variant({ origin: 'https://evil.example' })).status, 403);
  const none = await variant();
  assert.equal(none.status, 403);
  assert.match(none.body, /origin required/);
});

test('a deleted key opens nothing', async () => {
  const channel = await newChannel();
  const brief = await importKey();
  const token = await mint(channel, {}, brief);
  await allowed(channel, token);
  await send('DeletePlaybackKeyPair', { arn: brief.arn });
  await refused(channel, token);
  await allowed(channel, await mint(channel));
});

test('a restriction policy holds on public channels alone', async () => {
  const { playbackRestrictionPolicy: policy } = await send(
    'CreatePlaybackRestrictionPolicy', { allowedCountries: ['DE'],
      allowedOrigins: ['https://example.com'],
      enableStrictOriginEnforcement: true });
  const open = async (authorized) => {
    const { channel } = await send('CreateChannel', { authorized,
      playbackRestrictionPolicyArn: policy.arn });
    await stream(emulator.port, channel.arn);
    return channel;
  };
  const watch = (channel, headers) => request(emulator.port, 'GET',
    playlistPath(channel), { headers });
  const channel = await open(false);
  const country = { 'cloudfront-viewer-country': 'DE' };
  const origin = { origin: 'https://example.com' };
  assert.equal((await watch(channel, { ...country, ...origin })).status, 200);
  for (const headers of [{}, country, origin,
    { ...country, origin: 'https://example.org' },
    { ...origin, 'cloudfront-viewer-country': 'FR' }]) {
    const { status, body } = await watch(channel, headers);
    assert.equal(status, 403, JSON.stringify(headers));
    assert.equal(JSON.parse(body)[0].type, 'error');
  }
  const closed = await open(true);
  await allowed(closed, await mint(closed));
});

test('a deleted channel is not found', async () => {
  const channel = await newChannel();
  const token = await mint(channel);
  await allowed(channel, token);
  await send('StopStream', { channelArn: channel.arn });
  assert.equal((await fetchPlaylist(channel, token)).status, 404);
  await send('DeleteChannel', { arn: channel.arn });
  assert.equal((await fetchPlaylist(channel, token)).status, 404);
});

test('making a channel private closes it', async () => {
  const channel = await newChannel(false);
  await allowed(channel, undefined);
  await send('StopStream', { channelArn: channel.arn });
  await send('UpdateChannel', { arn: channel.arn, authorized: true });
  await stream(emulator.port, channel.arn);
  await refused(channel, undefined);
  await allowed(channel, await mint(channel));
});

// Last: it moves the clock for everybody.
test('the clock of the emulator decides', async () => {
  const channel = await newChannel();
  const token = await mint(channel, { exp: now() + 120 });
  const playing = variantOf(await allowed(channel, token));
  await advanceClock(emulator.port, 60);
  ahead += 60;
  await allowed(channel, token);
  await advanceClock(emulator.port, 61);
  ahead += 61;
  await refused(channel, token);
  assert.equal((await playing()).status, 200, 'the expiry ends no session');
  await allowed(channel, await mint(channel, { exp: now() + 60 }));
  // the API goes by the same clock and still takes requests signed today
  await send('GetChannel', { arn: channel.arn });
});
