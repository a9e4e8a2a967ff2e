// SPDX-License-Identifier: MIT
// Requests as ivs-token puts them on the wire: signed as smithy signs them,
// and asking for the same thing as the AWS SDK does.

import http from 'node:http';
import { after, before, test } from 'node:test';

import { Sha256 } from '@aws-crypto/sha256-js';
import * as ivs from '@aws-sdk/client-ivs';
import { SignatureV4 } from '@smithy/signature-v4';

import { assert, cli, INPUTS, reportChecks, serviceOptions }
  from './lib.mjs';

reportChecks('sigv4');

const REGION = 'us-west-2';
const CHANNEL = 'arn:aws:ivs:us-west-2:123456789012:channel/abcdABCDefgh';
const NO_CONTENT = ['DeleteAdConfiguration', 'DeleteChannel',
  'DeletePlaybackRestrictionPolicy', 'DeleteRecordingConfiguration',
  'DeleteStreamKey', 'PutMetadata'];

// The least that each result needs: a list, or the one thing asked for.
const ANSWER = JSON.stringify({ channels: [], keyPairs: [], streams: [],
  adConfigurations: [], playbackRestrictionPolicies: [],
  recordingConfigurations: [], streamKeys: [], streamSessions: [],
  errors: [], tags: {}, channel: {}, keyPair: {}, stream: {},
  adConfiguration: {}, playbackRestrictionPolicy: {},
  recordingConfiguration: {}, streamKey: {}, streamSession: {} });

let status = 200;
const recorded = [];
const server = http.createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    recorded.push({ method: request.method, target: request.url,
      headers: request.headers, rawHeaders: request.rawHeaders,
      body: Buffer.concat(parts) });
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(status === 204 ? undefined : ANSWER);
  });
});
let url;
before(() => new Promise((resolve) => {
  server.listen(0, '127.0.0.1', () => {
    url = `http://127.0.0.1:${server.address().port}`;
    resolve();
  });
}));
after(() => {
  server.close();
  server.closeAllConnections();
});

// What `send` put on the wire: one request.
async function capture(operation, send) {
  recorded.length = 0;
  status = NO_CONTENT.includes(operation) ? 204 : 200;
  await send();
  assert.equal(recorded.length, 1, `${operation}: one request`);
  return recorded[0];
}

function byCommand(operation, input, credentials) {
  return capture(operation, () => cli(
    ['api', 'call', operation, '-'],
    { input: JSON.stringify(input),
      env: serviceOptions(url, REGION, credentials) }));
}

function splitTarget(target) {
  const [path, queryText = ''] = target.split('?');
  const query = {};
  for (const pair of queryText.split('&').filter(Boolean)) {
    const [name, value = ''] = pair.split('=').map(decodeURIComponent);
    (query[name] ??= []).push(value);
  }
  return { path, query };
}

// The Authorization header smithy computes over the headers that were signed.
async function signedBySmithy(request, credentials) {
  const { authorization } = request.headers;
  const names = authorization.match(/SignedHeaders=([^,]+)/)[1].split(';');
  const generated = ['x-amz-date', 'x-amz-security-token',
    'x-amz-content-sha256'];
  const headers = {};
  for (const name of names.filter((name) => !generated.includes(name)))
    headers[name] = request.headers[name];
  const signer = new SignatureV4({ service: 'ivs', region: REGION, credentials,
    sha256: Sha256, uriEscapePath: true,
    applyChecksum: names.includes('x-amz-content-sha256') });
  const stamp = request.headers['x-amz-date'];
  assert.match(stamp, /^\d{8}T\d{6}Z$/);
  const signingDate = new Date(stamp.replace(
    /(....)(..)(..)T(..)(..)(..)Z/, '$1-$2-$3T$4:$5:$6Z'));
  const { path, query } = splitTarget(request.target);
  const { hostname, port } = new URL(url);
  const signed = await signer.sign(
    { method: request.method, protocol: 'http:', hostname, port: Number(port),
      path, query, headers, body: request.body },
    { signingDate, signableHeaders: new Set(names) });
  return signed.headers.authorization;
}

async function checkSignature(request, credentials, what) {
  const repeated = request.rawHeaders.filter((name, i) => i % 2 === 0)
    .map((name) => name.toLowerCase());
  assert.equal(new Set(repeated).size, repeated.length,
    `${what}: a header is repeated`);
  assert.ok(Math.abs(Date.parse(request.headers['x-amz-date'].replace(
    /(....)(..)(..)T(..)(..)(..)Z/, '$1-$2-$3T$4:$5:$6Z')) - Date.now())
    < 60_000, what);
  for (const name of ['host', 'x-amz-date']) {
    assert.match(request.headers.authorization,
      new RegExp(`SignedHeaders=[^,]*\\b${name}\\b`), what);
  }
  assert.equal(request.headers['x-amz-security-token'],
    credentials.sessionToken, what);
  assert.equal(request.headers.authorization,
    await signedBySmithy(request, credentials), what);
}

const SHORT = { accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const SESSION = { ...SHORT, sessionToken: 'IQoJb3JpZ2luX2VjE+/=='.repeat(20) };

const OPERATIONS = Object.keys(INPUTS);

test('the table here has every operation of both', async () => {
  const commands = Object.keys(ivs).filter((name) => /^\w+Command$/.test(name))
    .map((name) => name.replace(/Command$/, '')).sort();
  const listed = (await cli(['api', 'list'])).stdout.trimEnd().split('\n')
    .map((line) => line.split(/\s/)[0]);
  assert.deepEqual(commands, [...OPERATIONS].sort());
  assert.deepEqual(listed, [...OPERATIONS].sort());
});

test('every operation goes out signed, as the SDK sends it', async () => {
  const client = new ivs.IvsClient({ region: REGION, endpoint: url,
    credentials: SHORT, maxAttempts: 1 });
  for (const operation of OPERATIONS) {
    const input = INPUTS[operation];
    const ours = await byCommand(operation, input, SHORT);
    await checkSignature(ours, SHORT, operation);
    const theirs = await capture(operation,
      () => client.send(new ivs[`${operation}Command`](input)));
    assert.equal(await signedBySmithy(theirs, SHORT),
      theirs.headers.authorization, `${operation}: the check itself`);
    assert.equal(ours.method, theirs.method, operation);
    const sent = [splitTarget(ours.target), splitTarget(theirs.target)];
    assert.equal(sent[0].path, sent[1].path, operation);
    assert.deepEqual(sent[0].query, sent[1].query, operation);
    if (theirs.body.length > 0) {
      assert.deepEqual(JSON.parse(ours.body), JSON.parse(theirs.body),
        operation);
      assert.equal(ours.headers['content-type'],
        theirs.headers['content-type'], operation);
    } else {
      assert.equal(ours.body.length, 0, `${operation}: no body`);
    }
  }
  client.destroy();
});

test('session tokens are signed', async () => {
  for (const operation of OPERATIONS) {
    await checkSignature(await byCommand(operation, INPUTS[operation],
      SESSION), SESSION, operation);
  }
});

test('a bulk revocation goes out in calls of twenty', async () => {
  const viewers = Array.from({ length: 45 }, (_, i) => `viewer-${i}`);
  recorded.length = 0;
  status = 200;
  await cli(['revoke', 'batch', '-'], {
    input: viewers.map((viewer) => `${CHANNEL},${viewer},3\n`).join(''),
    env: serviceOptions(url, REGION, SESSION) });
  const sent = [];
  for (const request of recorded) {
    assert.equal(request.target, '/BatchStartViewerSessionRevocation');
    await checkSignature(request, SESSION, request.target);
    const { viewerSessions } = JSON.parse(request.body);
    assert.ok(viewerSessions.length <= 20);
    sent.push(...viewerSessions);
  }
  assert.equal(recorded.length, 3);
  assert.deepEqual(sent, viewers.map((viewerId) => ({ channelArn: CHANNEL,
    viewerId, viewerSessionVersionsLessThanOrEqualTo: 3 })));
});

test('a request is refused before it is sent', async () => {
  recorded.length = 0;
  const env = serviceOptions(url, REGION, SHORT);
  const refuse = async (operation, input, member) => {
    const { stderr } = await cli(['api', 'call', operation, '-'],
      { input: JSON.stringify(input), env, code: 2 });
    assert.ok(stderr.includes(member), stderr);
  };
  await refuse('GetChannel', {}, 'arn');
  await refuse('GetChannel', { arn: 7 }, 'arn');
  await refuse('GetChannel', { arn: CHANNEL, nonsense: 1 }, 'nonsense');
  await refuse('ListChannels', { maxResults: 101 }, 'maxResults');
  await refuse('StartViewerSessionRevocation', { channelArn: CHANNEL,
    viewerId: 'x'.repeat(41) }, 'viewerId');
  assert.equal(recorded.length, 0);
});
