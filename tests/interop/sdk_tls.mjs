// SPDX-License-Identifier: MIT
// The AWS SDK over TLS, with nothing but what `ivs-emulator --tls -- COMMAND`
// puts into its environment: this file runs itself as that command.

import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import * as ivs from '@aws-sdk/client-ivs';

const beneath = process.env.IVS_SDK_TLS;

if (beneath) {
  const client = new ivs.IvsClient({});
  const { channel } = await client.send(
    new ivs.CreateChannelCommand({ name: 'tls' }));
  const { channels } = await client.send(new ivs.ListChannelsCommand({}));
  const playlist = await fetch(channel.playbackUrl);
  console.log(JSON.stringify([channels.map(({ name }) => name),
    new URL(channel.playbackUrl).protocol, playlist.status]));
} else {
  const { assert, newPath, reportChecks } = await import('./lib.mjs');
  reportChecks('sdk_tls');
  const run = (env = {}) => spawnSync(
    path.join(process.env.IVS_BUILD_DIR, 'bin', 'ivs-emulator'),
    ['--tls', '--tls-cert', newPath('ca.pem'), '--', 'sh', '-c',
      'unset $DROP; exec "$0" "$1"', process.execPath,
      fileURLToPath(import.meta.url)],
    { encoding: 'utf8', timeout: 60_000,
      env: { ...process.env, IVS_SDK_TLS: '1', DROP: 'NOTHING', ...env } });

  test('it trusts the certificate that was written', () => {
    const done = run();
    assert.equal(done.status, 0, done.stderr);
    assert.deepEqual(JSON.parse(done.stdout), [['tls'], 'https:', 404]);
  });

  test('it trusts no other', () => {
    const done = run({ DROP: 'NODE_EXTRA_CA_CERTS' });
    assert.equal(done.status, 1, done.stdout);
    assert.match(done.stderr, /SELF_SIGNED|UNABLE_TO_VERIFY|unable to verify/);
  });
}
