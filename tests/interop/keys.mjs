// SPDX-License-Identifier: MIT
// Key files: what we write, Node.js and jose read, and the other way round.

import crypto from 'node:crypto';
import fs from 'node:fs';
import { test } from 'node:test';

import * as jose from 'jose';

import { CHANNEL, ec, keyPair, p384, pem } from './jwt.mjs';
import { assert, cli, cliJson, fingerprintOf, newPath, nowSeconds,
  reportChecks, writeFile } from './lib.mjs';

reportChecks('keys');

const PASSPHRASE = 'correct horse "battery" \u00e9';

async function generate(options = []) {
  const file = newPath('private.pem');
  const { stdout } = await cli([...options, 'key', 'generate', '--out', file]);
  return { file, fingerprint: stdout.trim() };
}

async function exported(file, format, options = []) {
  const { stdout } = await cli([...options, 'key', 'export', '--key', file,
    '--format', format]);
  return stdout;
}

async function shownFingerprint(file, options = []) {
  return (await cliJson([...options, 'key', 'show', '--key', file]))
    .fingerprint;
}

test('a generated key is read by Node.js', async () => {
  const { file, fingerprint } = await generate();
  const text = fs.readFileSync(file, 'utf8');
  assert.equal(fs.statSync(file).mode & 0o777, 0o600);
  assert.match(text, /^-----BEGIN PRIVATE KEY-----\n/);
  const key = crypto.createPrivateKey(text);
  assert.equal(key.asymmetricKeyDetails.namedCurve, 'secp384r1');
  assert.equal(fingerprint, fingerprintOf(crypto.createPublicKey(key)));
});

test('every export is read by Node.js and jose as the same key', async () => {
  const { file } = await generate();
  const key = crypto.createPrivateKey(fs.readFileSync(file));
  const publicKey = crypto.createPublicKey(key);
  const pkcs8 = await exported(file, 'pkcs8');
  assert.match(pkcs8, /^-----BEGIN PRIVATE KEY-----\n/);
  assert.ok(crypto.createPrivateKey(pkcs8).equals(key));
  const sec1 = await exported(file, 'sec1');
  assert.match(sec1, /^-----BEGIN EC PRIVATE KEY-----\n/);
  assert.ok(crypto.createPrivateKey(sec1).equals(key));
  const spki = await exported(file, 'spki');
  assert.equal(spki, pem(publicKey));
  const jwk = JSON.parse(await exported(file, 'jwk'));
  assert.ok(crypto.createPrivateKey({ key: jwk, format: 'jwk' }).equals(key));
  assert.equal(jwk.kty, 'EC');
  assert.equal(jwk.crv, 'P-384');

  const token = await new jose.SignJWT({ 'aws:channel-arn': CHANNEL,
    exp: nowSeconds() + 60 }).setProtectedHeader({ alg: 'ES384' })
    .sign(await jose.importJWK(jwk, 'ES384'));
  await jose.jwtVerify(token, await jose.importSPKI(spki, 'ES384'));
  await jose.importPKCS8(pkcs8, 'ES384');
  await cli(['token', 'verify', '--key', file], { input: token });

  const publicFile = writeFile(spki, 'public.pem');
  const publicJwk = JSON.parse(await exported(publicFile, 'jwk'));
  assert.equal(publicJwk.d, undefined);
  assert.ok(crypto.createPublicKey({ key: publicJwk, format: 'jwk' })
    .equals(publicKey));
});

test('keys of jose are read', async () => {
  const extractable = { extractable: true };
  const pair = await jose.generateKeyPair('ES384', extractable);
  const spki = await jose.exportSPKI(pair.publicKey);
  const pkcs8 = await jose.exportPKCS8(pair.privateKey);
  const publicJwk = await jose.exportJWK(
    await jose.importSPKI(spki, 'ES384', extractable));
  const privateJwk = await jose.exportJWK(
    await jose.importPKCS8(pkcs8, 'ES384', extractable));
  const fingerprint = fingerprintOf(crypto.createPublicKey(spki));
  const forms = {
    'private JWK': JSON.stringify(privateJwk),
    'public JWK': JSON.stringify(publicJwk),
    'JWK with further members': JSON.stringify({ ...privateJwk, kid: 'k1',
      use: 'sig', alg: 'ES384', key_ops: ['sign'], ext: true }, null, 2),
    'PKCS#8': pkcs8,
    'SPKI': spki,
  };
  for (const [name, data] of Object.entries(forms))
    assert.equal(await shownFingerprint(writeFile(data)), fingerprint, name);
});

test('keys of Node.js are read in every form', async () => {
  const { publicKey, privateKey } = p384();
  const fingerprint = fingerprintOf(publicKey);
  const pkcs8 = pem(privateKey);
  const forms = {
    'PKCS#8 PEM': pkcs8,
    'PKCS#8 DER': privateKey.export({ type: 'pkcs8', format: 'der' }),
    'SEC1 PEM': privateKey.export({ type: 'sec1', format: 'pem' }),
    'SEC1 DER': privateKey.export({ type: 'sec1', format: 'der' }),
    'SPKI PEM': pem(publicKey),
    'SPKI DER': publicKey.export({ type: 'spki', format: 'der' }),
    'private JWK': JSON.stringify(privateKey.export({ format: 'jwk' })),
    'public JWK': JSON.stringify(publicKey.export({ format: 'jwk' })),
    'PEM in base64': Buffer.from(pkcs8).toString('base64'),
    'PEM with backslash-n': pkcs8.replaceAll('\n', '\\n'),
    'PEM with CRLF': pkcs8.replaceAll('\n', '\r\n'),
  };
  for (const [name, data] of Object.entries(forms))
    assert.equal(await shownFingerprint(writeFile(data)), fingerprint, name);
});

test('encrypted keys pass in both directions', async () => {
  const secret = writeFile(`${PASSPHRASE}\n`, 'passphrase');
  const wrong = writeFile('wrong\n', 'passphrase');
  for (const cipher of ['aes-256-cbc', 'aes-128-cbc']) {
    const { publicKey, privateKey } = crypto.generateKeyPairSync('ec', {
      namedCurve: 'P-384',
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher,
        passphrase: PASSPHRASE },
    });
    assert.match(privateKey, /^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/);
    const file = writeFile(privateKey);
    assert.equal(await shownFingerprint(file, ['--passphrase-file', secret]),
      fingerprintOf(crypto.createPublicKey(publicKey)), cipher);
    const refused = await cli(['--passphrase-file', wrong, 'key', 'show',
      '--key', file], { code: 1 });
    assert.doesNotMatch(refused.stderr + refused.stdout, /wrong\n|correct/);
    await cli(['--no-input', 'key', 'show', '--key', file], { code: 1 });
  }
  const ours = await generate(['--passphrase-file', secret]);
  const text = fs.readFileSync(ours.file, 'utf8');
  assert.match(text, /^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/);
  const key = crypto.createPrivateKey({ key: text, passphrase: PASSPHRASE });
  assert.equal(fingerprintOf(crypto.createPublicKey(key)), ours.fingerprint);
});

test('coordinates that begin with zero keep their length', async () => {
  const found = {};
  for (let i = 0; i < 20_000 && Object.keys(found).length < 3; i++) {
    const { privateKey } = p384();
    const jwk = privateKey.export({ format: 'jwk' });
    for (const part of ['x', 'y', 'd']) {
      if (/^A[A-P]/.test(jwk[part])) // the first byte is zero
        found[part] ??= privateKey;
    }
  }
  assert.deepEqual(Object.keys(found).sort(), ['d', 'x', 'y']);
  for (const [part, key] of Object.entries(found)) {
    const jwk = key.export({ format: 'jwk' });
    const file = writeFile(JSON.stringify(jwk));
    assert.equal(await shownFingerprint(file),
      fingerprintOf(crypto.createPublicKey(key)), part);
    const back = JSON.parse(await exported(file, 'jwk'));
    for (const member of ['x', 'y', 'd'])
      assert.equal(back[member], jwk[member], `${part}: ${member}`);
    assert.ok(crypto.createPrivateKey(await exported(file, 'sec1'))
      .equals(key));
  }
});

test('keys that IVS cannot use are refused', async () => {
  const { publicKey, privateKey } = p384();
  const jwk = privateKey.export({ format: 'jwk' });
  const stranger = p384().publicKey.export({ format: 'jwk' });
  const flipped = Buffer.from(jwk.x, 'base64url');
  flipped[47] ^= 1;
  const explicit = keyPair('ec',
    { namedCurve: 'P-384', paramEncoding: 'explicit' });
  // not a named curve of 120 bytes
  assert.ok(explicit.publicKey.export({ type: 'spki', format: 'der' }).length
    > 300);
  const p256 = ec('P-256');
  const rsa = keyPair('rsa', { modulusLength: 2048 });
  const bad = {
    'P-256': pem(p256.privateKey),
    'P-256 public': pem(p256.publicKey),
    'P-256 JWK': JSON.stringify(p256.privateKey.export({ format: 'jwk' })),
    'P-521': pem(ec('P-521').privateKey),
    'secp256k1': pem(ec('secp256k1').privateKey),
    'Ed25519': pem(keyPair('ed25519').privateKey),
    'RSA': pem(rsa.privateKey),
    'RSA public JWK': JSON.stringify(rsa.publicKey.export({ format: 'jwk' })),
    'symmetric JWK': '{"kty":"oct","k":"AAAA"}',
    'explicit curve parameters': pem(explicit.privateKey),
    'explicit curve parameters, public': pem(explicit.publicKey),
    'JWK of two keys': JSON.stringify({ ...stranger, d: jwk.d }),
    'JWK off the curve': JSON.stringify({ ...jwk, d: undefined,
      x: flipped.toString('base64url') }),
    'JWK with a short coordinate': JSON.stringify({ ...jwk,
      x: jwk.x.slice(0, 60) }),
    'two keys in one file': pem(privateKey) + pem(p384().privateKey),
    'half a file': pem(publicKey).slice(0, 120),
  };
  for (const [name, data] of Object.entries(bad)) {
    const { stdout, stderr } = await cli(
      ['key', 'show', '--key', writeFile(data)], { code: 1 });
    assert.equal(stdout, '', name);
    assert.match(stderr, /^ivs-token: ./, name);
  }
});
