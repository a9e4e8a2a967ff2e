// SPDX-License-Identifier: MIT
// One token by jsonwebtoken, as a whole process: node oneshot.cjs PRIVATE.pem
const { readFileSync } = require('node:fs');
const jwt = require('jsonwebtoken');

const claims = {
    'aws:channel-arn': 'arn:aws:ivs:us-west-2:123456789012:channel/AbCdEfGh1234',
    'aws:viewer-id': 'viewer-20394',
    exp: Math.floor(Date.now() / 1000) + 300,
};
console.log(jwt.sign(claims, readFileSync(process.argv[2]),
    { algorithm: 'ES384', noTimestamp: true }));
