// SPDX-License-Identifier: MIT
// ivs-token against the HTTP/2 server of Node.js over TLS: what it sends, that
// connections are kept, and that the limits of answers hold.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import http2 from 'node:http2';
import { after, test } from 'node:test';

import { assert, cli, newPath, reportChecks, serviceOptions }
  from './lib.mjs';

reportChecks('http2');

const REGION = 'us-west-2';
const CHANNEL = `arn:aws:ivs:${REGION}:123456789012:channel/abcdABCDefgh`;
const INPUT = JSON.stringify({ arn: CHANNEL });

const key = newPath('key.pem');
const certificate = newPath('certificate.pem');
execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt',
  'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=localhost',
  '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', key,
  '-out', certificate], { stdio: ['ignore', 'ignore', 'pipe'] });

// A server of its own for each test: `answer` gets every request when all of
// it is there.
async function serve(answer) {
  const server = http2.createSecureServer({
    key: fs.readFileSync(key), cert: fs.readFileSync(certificate),
    allowHTTP1: false, maxSendHeaderBlockLength: 1 << 20 });
  const state = { requests: [], sessions: 0 };
  const sessions = new Set();
  server.on('session', (session) => {
    state.sessions += 1;
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
    session.on('error', () => {}); // the client goes away
  });
  server.on('stream', (stream, headers) => {
    let body = '';
    stream.on('error', () => {});
    stream.on('data', (part) => { body += part; });
    stream.on('end', () => {
      state.requests.push({ headers, body });
      answer(stream, state.requests.length, body);
    });
  });
  server.on('sessionError', () => {});
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  state.port = server.address().port;
  state.env = {
    ...serviceOptions(`https://127.0.0.1:${state.port}`, REGION),
    AWS_CA_BUNDLE: certificate,
  };
  state.call = (operation, input, code = 0, args = []) => cli(
    ['api', 'call', operation, input, ...args], { env: state.env, code });
  after(() => {
    for (const session of sessions)
      session.destroy();
    server.close();
  });
  return state;
}

function good(stream, text = '{"channel":{}}') {
  stream.respond({ ':status': 200, 'content-type': 'application/json' });
  stream.end(text);
}

test('a request is what it is over HTTP/1.1', async () => {
  const server = await serve((stream) => good(stream));
  const { stdout } = await server.call('GetChannel', INPUT);
  assert.deepEqual(JSON.parse(stdout), { channel: {} });
  assert.equal(server.requests.length, 1);
  const { headers, body } = server.requests[0];
  assert.equal(headers[':method'], 'POST');
  assert.equal(headers[':path'], '/GetChannel');
  assert.equal(headers[':authority'], `127.0.0.1:${server.port}`);
  assert.equal(headers['content-type'], 'application/json');
  assert.match(headers.authorization,
    /SignedHeaders=content-type;host;x-amz-date,/);
  assert.equal(headers['content-length'], String(INPUT.length));
  assert.equal(headers['amz-sdk-request'], 'attempt=1; max=3');
  assert.match(headers['user-agent'], /^ivs-token\//);
  assert.equal(body, INPUT);
});

test('pages and retries go over one connection', async () => {
  const server = await serve((stream, n) => {
    if (n === 1) {
      stream.respond({ ':status': 429, 'content-length': '0' });
      stream.end();
    } else if (n < 5) {
      good(stream, `{"channels":[],"nextToken":"t${n}"}`);
    } else {
      good(stream, '{"channels":[]}');
    }
  });
  await server.call('ListChannels', '{}', 0, ['--paginate']);
  assert.equal(server.requests.length, 5);
  assert.equal(server.sessions, 1);
});

test('an empty answer needs no length, for its end is marked', async () => {
  for (const status of [200, 204]) {
    const server = await serve((stream) => {
      stream.respond({ ':status': status }, { endStream: true });
    });
    await server.call('DeleteChannel', INPUT);
    assert.equal(server.requests.length, 1);
  }
});

// integration/service_tls.py cuts answers frame by frame.
test('an answer of another length is none, and is asked for again',
  async () => {
    for (const length of ['1', '10']) {
      const server = await serve((stream) => {
        stream.respond({ ':status': 200, 'content-length': length });
        stream.end('{}');
      });
      const { stderr } = await server.call('GetChannel', INPUT, 7);
      assert.match(stderr, /after 3 attempts: .*127\.0\.0\.1/);
      assert.equal(server.requests.length, 3);
    }
  });

test('the caps hold', async () => {
  const server = await serve((stream, n) => {
    const headers = { ':status': 200 };
    if (n === 1) {
      for (let i = 0; i < 70; i += 1)
        headers[`x-filler-${i}`] = 'x'.repeat(1000);
    }
    stream.respond(headers);
    stream.end(n === 1 ? '{}' : ' '.repeat(2 << 20));
  });
  for (let i = 0; i < 2; i += 1) {
    const { stderr } = await server.call('GetChannel', INPUT, 5);
    assert.match(stderr, /more than 1024 KiB of body or 64 KiB of headers/);
  }
});

test('a redirect is not followed', async () => {
  const server = await serve((stream) => {
    stream.respond({ ':status': 307,
      'location': `https://127.0.0.1:${server.port}/other` });
    stream.end();
  });
  const { stderr } = await server.call('GetChannel', INPUT, 5);
  assert.match(stderr, /redirect \(307\)/);
  assert.equal(server.requests.length, 1);
});
