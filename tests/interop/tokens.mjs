// SPDX-License-Identifier: MIT
// Viewer tokens: jose and jsonwebtoken judge ours, we judge theirs, and forged
// ones are refused for the right reason.

import crypto from 'node:crypto';
import fs from 'node:fs';
import { test } from 'node:test';

import * as jose from 'jose';
import jsonwebtoken from 'jsonwebtoken';

import { CHANNEL, HEADER, OTHER_CHANNEL, P384_ORDER, b64, decode, ec, forge,
  keyPair, p384, pem } from './jwt.mjs';
import { assert, cli, cliJson, newPath, nowSeconds, reportChecks, writeFile }
  from './lib.mjs';

reportChecks('tokens');

const ENGINES = (process.env.IVS_ENGINES ?? 'openssl,gnutls').split(',');
const UUID = '0ae72f1d-24a1-4e0b-a7bf-1b5e5e6b12c9';
const UUID_FORM =
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const WIDE = '\u{1F3A5}'.repeat(40); // 40 characters, 160 bytes

const exp = nowSeconds() + 300;
const base = { 'aws:channel-arn': CHANNEL, exp };

// Options of `token mint` beside key and channel, and what they add.
const MINTED = [
  ['channel and expiry alone', [], {}],
  ['viewer id', ['--viewer-id', 'viewer-1'], { 'aws:viewer-id': 'viewer-1' }],
  ['viewer id of 40 wide characters', ['--viewer-id', WIDE],
    { 'aws:viewer-id': WIDE }],
  ['viewer id that JSON must escape', ['--viewer-id', 'a"b\\c/\u00e9 \u2028'],
    { 'aws:viewer-id': 'a"b\\c/\u00e9 \u2028' }],
  ['version zero', ['--viewer-id', 'v', '--viewer-version', '0'],
    { 'aws:viewer-id': 'v', 'aws:viewer-session-version': 0 }],
  ['version at the limit of the revocation call',
    ['--viewer-id', 'v', '--viewer-version', '2147483647'],
    { 'aws:viewer-id': 'v', 'aws:viewer-session-version': 2147483647 }],
  ['one origin', ['--origin', 'https://example.com'],
    { 'aws:access-control-allow-origin': 'https://example.com' }],
  ['every origin', ['--origin', '*'],
    { 'aws:access-control-allow-origin': '*' }],
  ['three origins with wildcard and port',
    ['--origin', 'https://example.com', '--origin', 'https://*.example.org',
      '--origin', 'http://localhost:3000'],
    { 'aws:access-control-allow-origin':
      'https://example.com,https://*.example.org,http://localhost:3000' }],
  ['strict origin', ['--origin', 'https://example.com', '--strict-origin'],
    { 'aws:access-control-allow-origin': 'https://example.com',
      'aws:strict-origin-enforcement': true }],
  ['single use with a given uuid', [`--single-use=${UUID}`],
    { 'aws:single-use-uuid': UUID }],
  ['resolution SD', ['--max-resolution', 'SD'],
    { 'aws:maximum-resolution': 'SD' }],
  ['resolution HD', ['--max-resolution', 'HD'],
    { 'aws:maximum-resolution': 'HD' }],
  ['resolution FULL_HD', ['--max-resolution', 'FULL_HD'],
    { 'aws:maximum-resolution': 'FULL_HD' }],
  ['further claims of every JSON type',
    ['--claim', 'sub="abc"', '--claim', 'n=17', '--claim', 'half=0.5',
      '--claim', 'yes=true', '--claim', 'nil=null',
      '--claim', 'deep={"a":[1,{"b":"\u00fc"}]}'],
    { sub: 'abc', n: 17, half: 0.5, yes: true, nil: null,
      deep: { a: [1, { b: '\u00fc' }] } }],
  ['everything at once',
    ['--viewer-id', 'viewer-1', '--viewer-version', '1760000000',
      '--origin', 'https://a.example', '--origin', 'https://b.example',
      '--strict-origin', `--single-use=${UUID}`, '--max-resolution', 'HD',
      '--claim', 'tenant="t1"'],
    { 'aws:viewer-id': 'viewer-1', 'aws:viewer-session-version': 1760000000,
      'aws:access-control-allow-origin': 'https://a.example,https://b.example',
      'aws:strict-origin-enforcement': true, 'aws:single-use-uuid': UUID,
      'aws:maximum-resolution': 'HD', tenant: 't1' }],
];

async function generate() {
  const file = newPath('private.pem');
  const publicFile = newPath('public.pem');
  await cli(['key', 'generate', '--out', file, '--public-out', publicFile]);
  return { file, publicPem: fs.readFileSync(publicFile, 'utf8') };
}

async function mint(key, args, env = {}) {
  const { stdout } = await cli(['token', 'mint', '--key', key.file,
    '--channel', CHANNEL, ...args], { env });
  assert.match(stdout, /^[\w-]+\.[\w-]+\.[\w-]{128}\n$/);
  return stdout.trimEnd();
}

// Both libraries must verify it, and agree on the claims.
async function judge(key, token, expected) {
  assert.equal(decode(token).header, HEADER);
  const publicKey = await jose.importSPKI(key.publicPem, 'ES384');
  const byJose = await jose.jwtVerify(token, publicKey,
    { algorithms: ['ES384'], typ: 'JWT' });
  assert.deepEqual({ ...byJose.payload }, expected);
  assert.deepEqual({ ...byJose.protectedHeader },
    { alg: 'ES384', typ: 'JWT' });
  const byJsonwebtoken = jsonwebtoken.verify(token, key.publicPem,
    { algorithms: ['ES384'] });
  assert.deepEqual({ ...byJsonwebtoken }, expected);
}

for (const engine of ENGINES) {
  test(`tokens of the ${engine} engine are verified by both`, async () => {
    const key = await generate();
    const env = { IVS_TOKEN_ENGINE: engine };
    for (const [name, args, added] of MINTED) {
      const token = await mint(key, ['--expires-at', `${exp}`, ...args], env);
      try {
        await judge(key, token, { ...base, ...added });
      } catch (error) {
        error.message = `${name}: ${error.message}`;
        throw error;
      }
    }
  });
}

test('claims that depend on the moment', async () => {
  const key = await generate();
  const before = nowSeconds();
  const token = await mint(key, ['--ttl', '90s', '--viewer-id', 'v',
    '--viewer-version', 'now', '--single-use']);
  const { payload } = await jose.jwtVerify(token,
    await jose.importSPKI(key.publicPem, 'ES384'), { algorithms: ['ES384'] });
  const later = nowSeconds();
  assert.ok(Number.isInteger(payload.exp));
  assert.ok(payload.exp >= before + 90 && payload.exp <= later + 90);
  const version = payload['aws:viewer-session-version'];
  assert.ok(Number.isInteger(version));
  assert.ok(version >= before && version <= later);
  assert.match(payload['aws:single-use-uuid'], UUID_FORM);
  const second = JSON.parse(
    decode(await mint(key, ['--single-use'])).payload);
  assert.match(second['aws:single-use-uuid'], UUID_FORM);
  assert.notEqual(second['aws:single-use-uuid'],
    payload['aws:single-use-uuid']);
  assert.ok(second.exp >= before + 300 && second.exp <= nowSeconds() + 300,
    'five minutes are the default');
});

test('a version of 63 bits is written digit by digit', async () => {
  const key = await generate();
  const token = await mint(key, ['--viewer-id', 'v', '--viewer-version',
    '9223372036854775807']);
  assert.match(decode(token).payload,
    /"aws:viewer-session-version":9223372036854775807[,}]/);
});

test('an expiry as RFC 3339 text becomes seconds', async () => {
  const key = await generate();
  const text = new Date(exp * 1000).toISOString().replace('.000Z', 'Z');
  await judge(key, await mint(key, ['--expires-at', text]), base);
});

test('a playback URL carries a good token', async () => {
  const key = await generate();
  const url = 'https://0123456789ab.us-west-2.playback.live-video.net' +
    '/api/video/v1/us-west-2.123456789012.channel.abcdABCDefgh.m3u8';
  const { stdout } = await cli(['token', 'mint', '--key', key.file,
    '--channel', CHANNEL, '--expires-at', `${exp}`, '--playback-url', url]);
  const made = new URL(stdout.trimEnd());
  assert.equal(`${made.origin}${made.pathname}`, url);
  await judge(key, made.searchParams.get('token'), base);
});

test('tokens of jose and jsonwebtoken pass', async () => {
  const { publicKey, privateKey } = p384();
  const file = writeFile(pem(publicKey), 'public.pem');
  const claims = { ...base, 'aws:viewer-id': 'viewer-1',
    'aws:viewer-session-version': 7, sub: 'unknown member' };
  const byJose = (header) => new jose.SignJWT(claims)
    .setProtectedHeader(header).sign(privateKey);
  const byJsonwebtoken = (options) => jsonwebtoken.sign(claims, privateKey,
    { algorithm: 'ES384', noTimestamp: true, ...options });
  const good = {
    'jose': await byJose({ alg: 'ES384', typ: 'JWT' }),
    'jose, typ first': await byJose({ typ: 'JWT', alg: 'ES384' }),
    'jose, no typ': await byJose({ alg: 'ES384' }),
    'jose, typ in lower case': await byJose({ alg: 'ES384', typ: 'jwt' }),
    'jose, kid': await byJose({ alg: 'ES384', typ: 'JWT', kid: 'k1' }),
    'jose, iat and nbf of a minute ago': await new jose.SignJWT(claims)
      .setProtectedHeader({ alg: 'ES384', typ: 'JWT' })
      .setIssuedAt(nowSeconds() - 60).setNotBefore(nowSeconds() - 60)
      .sign(privateKey),
    'jsonwebtoken': byJsonwebtoken({}),
    'jsonwebtoken, kid': byJsonwebtoken({ keyid: 'arn:aws:ivs:x' }),
    'by hand, spaces in the JSON': forge(privateKey,
      `{ "exp" : ${exp} ,\n"aws:channel-arn":"${CHANNEL}" }`),
  };
  for (const [name, token] of Object.entries(good)) {
    const result = await cliJson(['token', 'verify', '--key', file,
      '--channel', CHANNEL], { input: `${token}\n` });
    assert.equal(result.good, true, name);
  }
  for (const engine of ENGINES) {
    await cli(['token', 'verify', '--key', file],
      { input: good.jose, env: { IVS_TOKEN_ENGINE: engine } });
  }
  const other = writeFile(pem(p384().publicKey), 'other.pem');
  await cli(['token', 'verify', '--key', other, '--key', file],
    { input: good.jsonwebtoken });
});

// Signed well by the right key, so that only the named rule can refuse it.
function badClaims(privateKey) {
  const now = nowSeconds();
  const make = (claims, header) =>
    forge(privateKey, { ...base, ...claims }, header);
  const raw = (members) =>
    forge(privateKey, `{"aws:channel-arn":"${CHANNEL}",${members}}`);
  const origins = (n) => Array.from({ length: n },
    (_, i) => `https://o${i}.example`).join(',');
  return [
    ['exp as text', make({ exp: `${exp}` }), 'exp_type'],
    ['exp with a fraction', make({ exp: exp + 0.5 }), 'exp_type'],
    ['exp as a float of whole value', raw(`"exp":${exp}.0`), 'exp_type'],
    ['exp null', make({ exp: null }), 'exp_type'],
    ['exp missing', make({ exp: undefined }), 'exp_missing'],
    ['expired', make({ exp: now - 1 }), 'expired'],
    ['expired at the epoch', make({ exp: 0 }), 'expired'],
    ['exp too far for a viewer', make({ exp: now + 3600,
      'aws:viewer-id': 'v' }), 'exp_too_far'],
    ['exp in milliseconds for a viewer', make({ exp: exp * 1000,
      'aws:viewer-id': 'v' }), 'exp_too_far'],
    ['exp too far for single use', make({ exp: now + 3600,
      'aws:single-use-uuid': UUID }), 'exp_too_far'],
    ['nbf in the future', make({ nbf: now + 120 }), 'not_yet_valid'],
    ['iat in the future', make({ iat: now + 120 }), 'not_yet_valid'],
    ['no channel', make({ 'aws:channel-arn': undefined }), 'channel_arn'],
    ['channel is a stage', make({ 'aws:channel-arn':
      CHANNEL.replace('channel/', 'stage/') }), 'channel_arn'],
    ['channel with a newline', make({ 'aws:channel-arn': `${CHANNEL}\n` }),
      'channel_arn'],
    ['channel is an array', make({ 'aws:channel-arn': [CHANNEL] }),
      'channel_arn'],
    ['another channel', make({ 'aws:channel-arn': OTHER_CHANNEL }),
      'channel_mismatch'],
    ['viewer id empty', make({ 'aws:viewer-id': '' }), 'viewer_id'],
    ['viewer id of 41 characters', make({ 'aws:viewer-id': 'x'.repeat(41) }),
      'viewer_id'],
    ['viewer id a number', make({ 'aws:viewer-id': 7 }), 'viewer_id'],
    ['version as text', make({ 'aws:viewer-id': 'v',
      'aws:viewer-session-version': '1' }), 'viewer_session_version'],
    ['version negative', make({ 'aws:viewer-id': 'v',
      'aws:viewer-session-version': -1 }), 'viewer_session_version'],
    ['version a float', make({ 'aws:viewer-id': 'v',
      'aws:viewer-session-version': 1.5 }), 'viewer_session_version'],
    ['uuid malformed', make({ 'aws:single-use-uuid': 'not-a-uuid' }),
      'single_use_uuid'],
    ['unknown resolution', make({ 'aws:maximum-resolution': '4K' }),
      'maximum_resolution'],
    ['origin list an array', make({ 'aws:access-control-allow-origin':
      ['https://example.com'] }), 'origin_list'],
    ['origin with a path', make({ 'aws:access-control-allow-origin':
      'https://example.com/' }), 'origin_list'],
    ['strict as text', make({ 'aws:access-control-allow-origin': '*',
      'aws:strict-origin-enforcement': 'true' }), 'strict_origin'],
    ['strict without origins', make({ 'aws:strict-origin-enforcement': true }),
      'strict_origin'],
    ['strict with six origins', make({ 'aws:access-control-allow-origin':
      origins(6), 'aws:strict-origin-enforcement': true }), 'strict_origin'],
    ['strict, request without origin', make({
      'aws:access-control-allow-origin': 'https://example.com',
      'aws:strict-origin-enforcement': true }), 'origin_missing'],
    ['exp twice', raw(`"exp":1,"exp":${exp}`), 'json_duplicate'],
    ['channel twice, once escaped', raw(
      `"exp":${exp},"aws:channel\\u002darn":"x"`), 'json_duplicate'],
    ['duplicate deep inside', raw(`"exp":${exp},"x":[{"a":1,"a":1}]`),
      'json_duplicate'],
    ['17 levels', raw(`"exp":${exp},"x":${'['.repeat(17)}${']'.repeat(17)}`),
      'json_depth'],
    ['integer beyond 64 bits', raw(`"exp":${exp},"x":9223372036854775808`),
      'json_number'],
    ['claims cut short', forge(privateKey, `{"exp":${exp}`), 'json'],
    ['claims an array', forge(privateKey, '[]'), 'json'],
    ['claims with a byte order mark', forge(privateKey,
      `\ufeff${JSON.stringify(base)}`), 'json'],
    ['claims not UTF-8', forge(privateKey, Buffer.concat([
      Buffer.from(`{"exp":${exp},"x":"`), Buffer.from([0xc0, 0x80]),
      Buffer.from('"}')])), 'utf8'],
  ];
}

// The envelope itself is at fault.
async function badEnvelopes({ privateKey, publicKey }) {
  const now = nowSeconds();
  const good = forge(privateKey, base);
  const [header, payload, signature] = good.split('.');
  const headed = (head) => forge(privateKey, base, head);
  const signed = (bytes) => `${header}.${payload}.${b64(bytes)}`;
  const raw = decode(good).signature;
  const zero = Buffer.alloc(48);
  const later = b64(JSON.stringify({ ...base, exp: exp + 1 }));
  const stranger = p384();
  const p256 = ec('P-256');
  const p521 = ec('P-521');
  const rsa = keyPair('rsa', { modulusLength: 2048 });
  const hmac = (alg, hash, secret) => {
    const input = `${b64(`{"alg":"${alg}","typ":"JWT"}`)}.${payload}`;
    const mac = crypto.createHmac(hash, secret).update(input).digest();
    return `${input}.${b64(mac)}`;
  };
  const spki = pem(publicKey);
  const jwe = await new jose.EncryptJWT(base)
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A128GCM' })
    .encrypt(publicKey);
  const byLibrary = (claims, key, options) => jsonwebtoken.sign(claims, key,
    { noTimestamp: true, ...options });
  // Length such that base64 has both padding and loose bits.
  const text = JSON.stringify(base);
  const uneven = text.padEnd(text.length + 4 - text.length % 3, ' ');
  const resigned = (part) => {
    const input = `${header}.${part}`;
    const key = { key: privateKey, dsaEncoding: 'ieee-p1363' };
    return `${input}.${b64(crypto.sign('sha384', Buffer.from(input), key))}`;
  };
  const padded = resigned(Buffer.from(uneven).toString('base64'));
  const part = b64(uneven);
  const loose = resigned(part.slice(0, -1) +
    String.fromCharCode(part.charCodeAt(part.length - 1) + 1));
  return [
    ['HS384 keyed with the public PEM', hmac('HS384', 'sha384', spki), 'alg'],
    ['HS384 keyed with the PEM less its newline',
      hmac('HS384', 'sha384', spki.trimEnd()), 'alg'],
    ['HS256 keyed with the public PEM', hmac('HS256', 'sha256', spki), 'alg'],
    ['none, by jsonwebtoken',
      byLibrary(base, '', { algorithm: 'none' }), 'alg segments'],
    ['none, by jose', new jose.UnsecuredJWT(base).encode(), 'alg segments'],
    ['none with our signature', headed('{"alg":"none","typ":"JWT"}'), 'alg'],
    ['nOnE with our signature', headed('{"alg":"nOnE","typ":"JWT"}'), 'alg'],
    ['ES256 by a P-256 key', await new jose.SignJWT(base)
      .setProtectedHeader({ alg: 'ES256' }).sign(p256.privateKey), 'alg'],
    ['ES512 by a P-521 key',
      byLibrary(base, p521.privateKey, { algorithm: 'ES512' }), 'alg'],
    ['RS384', byLibrary(base, rsa.privateKey, { algorithm: 'RS384' }), 'alg'],
    ['ES256 named, ES384 done', headed('{"alg":"ES256"}'), 'alg'],
    ['alg in lower case', headed('{"alg":"es384"}'), 'alg'],
    ['alg an array', headed('{"alg":["ES384"]}'), 'alg'],
    ['alg missing', headed('{"typ":"JWT"}'), 'alg'],
    ['alg twice', headed('{"alg":"none","alg":"ES384"}'), 'json_duplicate'],
    ['header an array', headed('["ES384"]'), 'json'],
    ['typ of an access token', headed('{"alg":"ES384","typ":"at+jwt"}'), 'typ'],
    ['typ a number', headed('{"alg":"ES384","typ":1}'), 'typ'],
    ['crit', headed('{"alg":"ES384","crit":["x"],"x":1}'), 'header_member'],
    ['b64 false', headed('{"alg":"ES384","b64":false}'), 'header_member'],
    ['enc', headed('{"alg":"ES384","enc":"A128GCM"}'), 'header_member'],
    ['zip', headed('{"alg":"ES384","zip":"DEF"}'), 'header_member'],
    ['a key of its own in jwk', forge(stranger.privateKey, base,
      { alg: 'ES384', jwk: stranger.publicKey.export({ format: 'jwk' }) }),
      'signature'],
    ['another P-384 key', forge(stranger.privateKey, base), 'signature'],
    ['expired, and by another key',
      forge(stranger.privateKey, { ...base, exp: now - 60 }), 'signature'],
    ['SHA-256 where SHA-384 is due',
      forge(privateKey, base, HEADER, 'ieee-p1363', 'sha256'), 'signature'],
    ['claims of another token', `${header}.${later}.${signature}`,
      'signature'],
    ['halves exchanged',
      signed(Buffer.concat([raw.subarray(48), raw.subarray(0, 48)])),
      'signature'],
    ['DER signature', forge(privateKey, base, HEADER, 'der'),
      'signature_format'],
    ['P-256 signature named ES384', forge(p256.privateKey, base),
      'signature_format'],
    ['P-521 signature named ES384', forge(p521.privateKey, base),
      'signature_format'],
    ['r and s zero', signed(Buffer.alloc(96)), 'signature_format signature'],
    ['s zero', signed(Buffer.concat([raw.subarray(0, 48), zero])),
      'signature_format signature'],
    ['r equal to the order', signed(Buffer.concat([P384_ORDER,
      raw.subarray(48)])), 'signature_format signature'],
    ['signature cut short', signed(raw.subarray(0, 95)), 'signature_format'],
    ['signature empty', `${header}.${payload}.`, 'signature_format segments'],
    ['two segments', `${header}.${payload}`, 'segments'],
    ['four segments', `${good}.${signature}`, 'segments'],
    ['encrypted', jwe, 'segments'],
    ['two dots', '..', 'segments json'],
    ['padded base64', padded, 'base64url'],
    ['padded signature', `${good}=`, 'base64url signature_format'],
    ['loose bits', loose, 'base64url'],
    ['the other alphabet', `${header}.${payload}+.${signature}`, 'base64url'],
    ['a space inside', `${header}. ${payload}.${signature}`, 'base64url'],
    ['two newlines at the end', `${good}\n\n`, 'base64url signature_format'],
    ['longer than any token', `${header}.${'A'.repeat(20000)}.${signature}`,
      'too_long'],
  ];
}

async function refuseAll(file, rows, env) {
  for (const [name, token, reasons] of rows) {
    const run = await cliJson(['token', 'verify', '--key', file,
      '--channel', CHANNEL], { input: token, code: 3, env })
      .catch((error) => {
        error.message = `${name}: ${error.message}`;
        throw error;
      });
    assert.equal(run.good, false, name);
    assert.ok(reasons.split(' ').includes(run.reason),
      `${name}: ${run.reason}, not ${reasons}`);
  }
}

test('bad claims are refused, each for its reason', async () => {
  const { publicKey, privateKey } = p384();
  const file = writeFile(pem(publicKey), 'public.pem');
  await cli(['token', 'verify', '--key', file, '--channel', CHANNEL],
    { input: forge(privateKey, base) });
  await refuseAll(file, badClaims(privateKey), {});
});

for (const engine of ENGINES) {
  test(`forged tokens are refused with the ${engine} engine`, async () => {
    const pair = p384();
    const file = writeFile(pem(pair.publicKey), 'public.pem');
    const env = { IVS_TOKEN_ENGINE: engine };
    await cli(['token', 'verify', '--key', file, '--channel', CHANNEL],
      { input: forge(pair.privateKey, base), env });
    await refuseAll(file, await badEnvelopes(pair), env);
  });
}

test('an origin is checked when it is given', async () => {
  const { publicKey, privateKey } = p384();
  const file = writeFile(pem(publicKey), 'public.pem');
  const token = await new jose.SignJWT({ ...base,
    'aws:access-control-allow-origin': 'https://example.com,https://*.a.test' })
    .setProtectedHeader({ alg: 'ES384' }).sign(privateKey);
  const verify = (origin, code) => cliJson(['token', 'verify', '--key', file,
    '--origin', origin], { input: token, code });
  await verify('https://example.com', 0);
  await verify('https://x.y.a.test', 0);
  for (const origin of ['https://a.test', 'http://example.com',
    'https://example.com:8443', 'https://xexample.com']) {
    assert.equal((await verify(origin, 3)).reason, 'origin_mismatch', origin);
  }
});

test('the two readers agree on the moment of expiry', async () => {
  const { publicKey, privateKey } = p384();
  const file = writeFile(pem(publicKey), 'public.pem');
  const token = forge(privateKey, base);
  const options = { algorithms: ['ES384'] };
  const at = async (second, code) => {
    await cli(['token', 'verify', '--key', file, '--now', `${second}`],
      { input: token, code });
    const accepted = await jose.jwtVerify(token, publicKey, { ...options,
      currentDate: new Date(second * 1000) }).then(() => 0, () => 3);
    assert.equal(accepted, code, `jose at ${second - exp}`);
  };
  await at(exp - 1, 0);
  await at(exp, 3);
  await at(exp + 1, 3);
});
