// SPDX-License-Identifier: MIT
// Tokens put together by hand, for those that no honest library would make.

import crypto from 'node:crypto';

export const CHANNEL =
  'arn:aws:ivs:us-west-2:123456789012:channel/abcdABCDefgh';
export const OTHER_CHANNEL =
  'arn:aws:ivs:us-west-2:123456789012:channel/zyxwZYXWvuts';

// Order of the group of P-384, SEC 2 section 2.5.1.
export const P384_ORDER = Buffer.from(
  'ffffffffffffffffffffffffffffffffffffffffffffffff' +
  'c7634d81f4372ddf581a0db248b0a77aecec196accc52973', 'hex');

export const HEADER = '{"alg":"ES384","typ":"JWT"}';

export function b64(data) {
  return Buffer.from(data).toString('base64url');
}

// Through DER, because Node.js 20 can lock up for good when it exports a key
// object that comes straight from the generator: a garbage collection in the
// middle of the export waits for the lock that the export holds.
export function keyPair(type, options) {
  const { publicKey, privateKey } = crypto.generateKeyPairSync(type, {
    ...options,
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'der' },
  });
  return {
    publicKey: crypto.createPublicKey(
      { key: publicKey, format: 'der', type: 'spki' }),
    privateKey: crypto.createPrivateKey(
      { key: privateKey, format: 'der', type: 'pkcs8' }),
  };
}

export function ec(namedCurve) {
  return keyPair('ec', { namedCurve });
}

export function p384() {
  return ec('P-384');
}

export function pem(key) {
  return key.type === 'private'
    ? key.export({ type: 'pkcs8', format: 'pem' })
    : key.export({ type: 'spki', format: 'pem' });
}

// Header and payload are bytes, so that nothing is repaired on the way.
export function forge(privateKey, payload, header = HEADER,
  dsaEncoding = 'ieee-p1363', hash = 'sha384') {
  const text = typeof payload === 'object' && !Buffer.isBuffer(payload)
    ? JSON.stringify(payload) : payload;
  const head = typeof header === 'object' && !Buffer.isBuffer(header)
    ? JSON.stringify(header) : header;
  const input = `${b64(head)}.${b64(text)}`;
  const key = { key: privateKey, dsaEncoding };
  return `${input}.${b64(crypto.sign(hash, Buffer.from(input), key))}`;
}

export function decode(token) {
  const [header, payload, signature] = token.split('.');
  return {
    header: Buffer.from(header, 'base64url').toString('utf8'),
    payload: Buffer.from(payload, 'base64url').toString('utf8'),
    signature: Buffer.from(signature, 'base64url'),
  };
}
