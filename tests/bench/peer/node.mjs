// SPDX-License-Identifier: MIT
// jsonwebtoken, jose or fast-jwt; the protocol is that of peer.c.
//
// usage: node node.mjs PRIVATE.pem PUBLIC.pem PRIVATE.jwk LIBRARY
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [privateFile, publicFile, , library] = process.argv.slice(2);
const privatePem = readFileSync(privateFile, 'utf8');
const publicPem = readFileSync(publicFile, 'utf8');

function claims() {
    return {
        'aws:channel-arn': 'arn:aws:ivs:us-west-2:123456789012:channel/AbCdEfGh1234',
        'aws:access-control-allow-origin': 'https://www.example.com',
        'aws:viewer-id': 'viewer-20394',
        'aws:viewer-session-version': 1700000000,
        exp: Math.floor(Date.now() / 1000) + 300,
    };
}

const makers = {
    async jsonwebtoken() {
        const { default: jwt } = await import('jsonwebtoken');
        const privateKey = createPrivateKey(privatePem);
        const publicKey = createPublicKey(publicPem);
        return {
            mint: () => jwt.sign(claims(), privateKey, { algorithm: 'ES384', noTimestamp: true }),
            verify: (token) => jwt.verify(token, publicKey, { algorithms: ['ES384'] }),
        };
    },
    async jose() {
        const jose = await import('jose');
        const privateKey = await jose.importPKCS8(privatePem, 'ES384');
        const publicKey = await jose.importSPKI(publicPem, 'ES384');
        return {
            mint: () => new jose.SignJWT(claims())
                .setProtectedHeader({ alg: 'ES384', typ: 'JWT' }).sign(privateKey),
            verify: (token) => jose.jwtVerify(token, publicKey, { algorithms: ['ES384'] }),
        };
    },
    async 'fast-jwt'() {
        const { createSigner, createVerifier } = await import('fast-jwt');
        const sign = createSigner({ key: privatePem, algorithm: 'ES384', noTimestamp: true });
        return {
            mint: () => sign(claims()),
            // a cache of verdicts would not be a verification
            verify: createVerifier({ key: publicPem, algorithms: ['ES384'], cache: false }),
        };
    },
};

const peer = await makers[library]();
const isAsync = library === 'jose';
let token = '';

function microseconds() {
    const { user, system } = process.cpuUsage();
    return user + system;
}

async function measure(what, ms) {
    const once = what === 'mint' ? () => peer.mint() : () => peer.verify(token);
    const start = microseconds();
    let n = 0;
    do {
        for (let i = 0; i < 8; i++, n++)
            isAsync ? await once() : once();
    } while (microseconds() - start < ms * 1000);
    return `${n} ${(microseconds() - start) * 1000}`;
}

async function check(text) {
    try {
        await peer.verify(text);
    } catch {
        return 'bad';
    }
    token = text;
    return 'good';
}

for await (const line of createInterface({ input: process.stdin })) {
    const [command, argument] = line.split(' ');
    if (command === 'token')
        console.log(await peer.mint());
    else if (command === 'check')
        console.log(await check(argument));
    else
        console.log(await measure(command, Number(argument)));
}
