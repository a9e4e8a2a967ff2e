// SPDX-License-Identifier: MIT
// The player of the page, by the browser's own HLS and by hls.js: a good token
// plays, a bad one stays black with the reason, a revoked viewer is stopped.

import { test } from 'node:test';

import { hasFfmpeg, newChannel, newPage, picture, SCOPE, startWithKey }
  from './browser.mjs';
import { advanceClock, assert, cli, reportChecks, serviceOptions, stream }
  from './lib.mjs';

if (!hasFfmpeg) {
  console.error('SKIPPED: there is no ffmpeg to make video with');
  process.exit(77);
}
reportChecks('play');

// What the browser itself says on the console about an answer of 403 or 404.
const REFUSED = [/the server responded with a status of 40[34]/,
  /ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET/];
// More than a playlist is long.
const SOON_MS = 30_000;

const emulator = await startWithKey();
const channelArn = await newChannel(emulator, 'stage');
await emulator.post('/_/mint-key', SCOPE);
await stream(emulator.port, channelArn, 'start',
  { from: 'testsrc', ladder: ['720p', '480p', '160p'] });

async function open(engine, on = emulator, name = 'stage') {
  const opened = await newPage({}, REFUSED);
  const { page } = opened;
  await page.goto(`${on.url}/_/`);
  await page.getByRole('radio', { name }).check();
  await page.getByLabel('Played by').selectOption(engine);
  return opened;
}

const video = (page) => page.evaluate(() => {
  const node = document.getElementById('video');
  return { position: node.currentTime, height: node.videoHeight,
    paused: node.paused };
});

async function until(page, what, condition, ms = SOON_MS) {
  const end = Date.now() + ms;
  for (;;) {
    const now = await video(page);
    if (condition(now))
      return now;
    assert.ok(Date.now() < end, `${what}: ${JSON.stringify(now)}, ` +
      await page.locator('#player dl').innerText());
    await page.waitForTimeout(100);
  }
}

async function advances(page) {
  const { position } = await until(page, 'it plays',
    (now) => now.position > 0 && now.height > 0);
  return until(page, 'it goes on', (now) => now.position > position + 1);
}

const error = (page, pattern) => page.locator('#play-error')
  .filter({ hasText: pattern }).waitFor({ timeout: SOON_MS });

async function mint(page, claims = {}) {
  const form = page.locator('#mint-form');
  await form.getByLabel('Viewer id').fill(claims.viewerId ?? 'viewer-1');
  await form.getByLabel('Best resolution')
    .selectOption(claims.resolution ?? '');
  await form.getByLabel('Origins').fill(claims.origins ?? '');
  await form.getByLabel('Check the origin').setChecked(!!claims.strict);
  await form.getByLabel('Admit once').setChecked(!!claims.single);
  await form.getByRole('button', { name: 'Mint and play' }).click();
}

for (const engine of ['native', 'hlsjs']) {
  test(`a good token plays, ${engine}`, async () => {
    const { page, close } = await open(engine);
    await mint(page);
    await advances(page);
    await page.locator('#play-state').filter({ hasText: 'playing' }).waitFor();
    assert.match(await page.locator('#play-resolution').innerText(),
      /^\d+ × (720|480|160)$/);
    if (engine === 'hlsjs') {
      assert.match(await page.locator('#play-level').innerText(),
        /^(chunked|480p30|160p30), \d+ kbit\/s$/);
    }
    await page.getByRole('cell', { name: 'viewer-1' }).first().waitFor();
    await picture(page, `playing-${engine}`);
    await page.getByRole('button', { name: 'Stop' }).click();
    await until(page, 'it stops', (now) => now.height === 0);
    await close();
  });

  test(`a bad token stays black, and it is said why, ${engine}`, async () => {
    const { page, close } = await open(engine);
    await page.locator('#mint-form')
      .getByRole('button', { name: 'Mint', exact: true }).click();
    await page.getByText('Minted.').waitFor();
    const url = page.locator('#play-form').getByLabel('Playback URL');
    const good = await url.inputValue();
    const last = good.at(-9) === 'A' ? 'B' : 'A';
    await url.fill(good.slice(0, -9) + last + good.slice(-8));
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    await error(page, /403 signature: /);
    assert.equal((await video(page)).height, 0);
    await page.locator('#refusal-rows li').first().filter(
      { hasText: 'signature' }).waitFor();
    await picture(page, `refused-${engine}`);
    await close();
  });

  test(`a revoked viewer is stopped, ${engine}`, async () => {
    const { page, close } = await open(engine);
    await mint(page, { viewerId: `leaver-${engine}` });
    await advances(page);
    await page.getByRole('button', { name: `Revoke leaver-${engine}` })
      .first().click();
    await error(page, /403 session_revoked: /);
    const { position, height } = await video(page);
    await page.waitForTimeout(1500);
    assert.deepEqual([(await video(page)).position, height], [position, 0]);
    await picture(page, `revoked-${engine}`);
    await close();
  });

  test(`the best resolution caps what is played, ${engine}`, async () => {
    const { page, close } = await open(engine);
    await mint(page, { resolution: 'SD' });
    const { height } = await advances(page);
    assert.ok(height > 0 && height <= 480, `height ${height}`);
    await close();
  });

  test(`a strict token plays from its origin alone, ${engine}`, async () => {
    const { page, close } = await open(engine);
    const origin = page.getByLabel('From another origin');
    await origin.check();
    await mint(page, { origins: emulator.url, strict: true });
    await advances(page);
    await mint(page, { origins: 'https://example.com', strict: true });
    await error(page, /403 origin_mismatch: /);
    await origin.uncheck();
    await mint(page, { origins: emulator.url, strict: true });
    await error(page, /403 origin_missing: /);
    await close();
  });

  test(`a token that admits once does not admit twice, ${engine}`,
    async () => {
      const { page, close } = await open(engine);
      await mint(page, { single: true });
      await advances(page);
      await page.getByRole('button', { name: 'Play', exact: true }).click();
      await error(page, /403 used: /);
      await close();
    });
}

// As an application with hls.js gets it; our policy has no room for the track
// that hls.js would make of it, too.
test('timed metadata comes to hls.js with a new segment', async () => {
  const { page, close } = await open('hlsjs');
  await mint(page);
  await advances(page);
  await page.evaluate(() => {
    globalThis.frames = [];
    hls.on(Hls.Events.FRAG_PARSING_METADATA, (event, { samples }) => {
      for (const { data, pts } of samples)
        globalThis.frames.push({ text: String.fromCharCode(...data), pts });
    });
  });
  // Where the last segment ends that the player knows of.
  const edge = () => page.evaluate(() => hls.levels[hls.loadLevel].details.edge);
  const before = await edge();
  const metadata = '{"question":"?"}';
  await cli(['api', 'call', 'PutMetadata',
    JSON.stringify({ channelArn, metadata })],
  { env: serviceOptions(emulator.url, SCOPE.region) });
  await page.waitForFunction(() => globalThis.frames.length > 0, null,
    { timeout: SOON_MS });
  const [{ text, pts }] = await page.evaluate(() => globalThis.frames);
  assert.match(text, /^ID3/);
  assert.ok(text.includes('TXXX') && text.includes(metadata), text);
  const after = await edge();
  assert.ok(pts >= before - 0.1 && pts < after + 0.1,
    `${pts} is not from ${before} to ${after}`);
  await close();
});

test('what is no playback URL is not asked for', async () => {
  const { page, close } = await open('hlsjs');
  const url = page.locator('#play-form').getByLabel('Playback URL');
  await mint(page);
  await advances(page);
  for (const text of ['garbage', 'http://[', 'http://example.com/x.m3u8',
    'javascript:alert(1)', `http://127.0.0.1:${emulator.port + 1}/x.m3u8`]) {
    await url.fill(text);
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    await error(page, /^expected a playback URL that begins with http/);
    assert.equal(await page.locator('#play-state').innerText(), 'stopped');
    await page.getByRole('button', { name: 'Stop' }).click();
  }
  // A token made elsewhere plays on the channel that is chosen.
  await url.fill(` ${await page.locator('#minted-token').inputValue()}\n`);
  await page.getByRole('button', { name: 'Play', exact: true }).click();
  await advances(page);
  await close();
});

test('an emulator that is gone ends what it played', async (t) => {
  for (const engine of ['native', 'hlsjs']) {
    await t.test(engine, async () => {
      const own = await startWithKey();
      const arn = await newChannel(own, 'own');
      await own.post('/_/mint-key', SCOPE);
      await stream(own.port, arn, 'start',
        { from: 'testsrc', ladder: ['160p'] });
      const { page, close } = await open(engine, own, 'own');
      await mint(page);
      await advances(page);
      await own.stop();
      await error(page, /^the emulator does not answer$/);
      await close();
    });
  }
});

test('a stream that ends, and one that is offline', async () => {
  const { page, close } = await open('hlsjs');
  const arn = await newChannel(emulator, 'late');
  await page.getByRole('radio', { name: 'late' }).check();
  await mint(page);
  await error(page, /404/);
  await stream(emulator.port, arn, 'start',
    { from: 'testsrc', ladder: ['160p'] });
  await mint(page);
  await advances(page);
  await page.getByRole('button', { name: 'End the stream of late' }).click();
  await page.locator('#play-state').filter({ hasText: 'the stream ended' })
    .waitFor({ timeout: SOON_MS });
  await close();
});

test('an expired token says so', async () => {
  const { page, close } = await open('hlsjs');
  await page.locator('#mint-form')
    .getByRole('button', { name: 'Mint', exact: true }).click();
  await page.getByText('Minted.').waitFor();
  await advanceClock(emulator.port, 301);
  await page.getByRole('button', { name: 'Play', exact: true }).click();
  await error(page, /403 expired: /);
  await close();
});
