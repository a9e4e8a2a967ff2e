// SPDX-License-Identifier: MIT
// The page without a player: what it shows, who may ask it, what it takes for
// text, and how it is used with a keyboard and on a small screen.

import fs from 'node:fs';
import { createRequire } from 'node:module';
import http from 'node:http';
import { test } from 'node:test';

import { newChannel, newPage, picture, SCOPE, startWithKey }
  from './browser.mjs';
import { assert, cli, reportChecks, request } from './lib.mjs';

reportChecks('page');

const axe = fs.readFileSync(createRequire(import.meta.url)
  .resolve('axe-core/axe.min.js'), 'utf8');

// The state that the page is looked at in: channels, streams, sessions of
// several kinds, something refused, a token decoded.
async function fill(emulator) {
  const stage = await newChannel(emulator, 'main-stage');
  const arns = [stage, await newChannel(emulator, 'backstage'),
    await newChannel(emulator, 'rehearsal')];
  await emulator.post('/_/mint-key', SCOPE);
  for (const channelArn of arns.slice(0, 2))
    await emulator.post('/_/streams', { channelArn, action: 'start' });
  const play = async (claims) => {
    const { token } = await emulator.post('/_/mint',
      { claims: { 'aws:channel-arn': stage, ...claims } });
    return request(emulator.port, 'GET', playlist(stage, token));
  };
  for (const viewer of ['viewer-1', 'moderator', 'viewer-2'])
    await play({ 'aws:viewer-id': viewer });
  await play({ 'aws:maximum-resolution': 'SD' });
  await emulator.post('/_/revoke', { channelArn: stage, viewerId: 'viewer-2' });
  assert.equal((await play({ 'aws:viewer-id': 'viewer-2' })).status, 403);
  return stage;
}

function playlist(arn, token) {
  const [, , , region, account, resource] = arn.split(':');
  return `/api/video/v1/${region}.${account}.` +
    `${resource.replace('/', '.')}.m3u8?token=${token}`;
}

async function open(emulator, options, expected) {
  const opened = await newPage(options, expected);
  await opened.page.goto(`${emulator.url}/_/`);
  await opened.page.getByText('Connected').waitFor();
  return opened;
}

async function assertAccessible(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  assert.deepEqual(violations.map((v) =>
    `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`), []);
}

const noSidewaysScrolling = (page) => page.evaluate(() =>
  document.documentElement.scrollWidth <= innerWidth);

test('a fresh emulator leads to a first channel', async () => {
  const emulator = await startWithKey();
  const { page, close } = await open(emulator);
  await page.getByText(`AWS_ENDPOINT_URL_IVS=${emulator.url}`).waitFor();
  await page.getByText('Nobody is watching.').waitFor();
  assert.ok(await page.getByRole('button', { name: 'Mint', exact: true })
    .isDisabled());
  await picture(page, 'empty');
  await page.getByText('New private channel').click();
  await page.getByLabel('Name').fill('first');
  await page.getByRole('button', { name: 'Make the channel' }).click();
  await page.getByRole('radio', { name: 'first' }).waitFor();
  await page.getByText('offline').waitFor();
  await page.getByRole('button', { name: 'Start the stream of first' })
    .click();
  await page.getByText(/^live 00:0/).waitFor();
  await page.getByRole('button', { name: 'Import its public half here' })
    .click();
  await page.getByText('Signed with the key pair mint-key.').waitFor();
  // What was made is what tokens are for, the second channel, too.
  const aimed = async () => [await page.locator('#mint-channel').innerText(),
    await page.locator('#play-form').getByLabel('Playback URL').inputValue()];
  const [first, firstUrl] = await aimed();
  assert.equal(first, 'first');
  assert.match(firstUrl, /\/api\/video\/v1\/us-west-2\.000000000000\.channel\./);
  await page.getByLabel('Name').fill('second');
  await page.getByRole('button', { name: 'Make the channel' }).click();
  await page.locator('#mint-channel').filter({ hasText: 'second' }).waitFor();
  assert.ok(await page.getByRole('radio', { name: 'second' }).isChecked());
  assert.notEqual((await aimed())[1], firstUrl);
  await close();
});

test('many channels and long names leave everything in reach', async () => {
  const emulator = await startWithKey();
  const long = `stage-${'x'.repeat(122)}`;
  const channelArn = await newChannel(emulator, long);
  for (let i = 1; i < 60; i++)
    await newChannel(emulator, `channel-${i}`);
  await emulator.post('/_/mint-key', SCOPE);
  await emulator.post('/_/streams', { channelArn, action: 'start' });
  for (let i = 0; i < 30; i++) {
    const { token } = await emulator.post('/_/mint', { claims:
      { 'aws:channel-arn': channelArn, 'aws:viewer-id': `Zuschauer-ä日本-${i}`,
        'aws:maximum-resolution': 'FULL_HD' } });
    assert.equal((await request(emulator.port, 'GET',
      playlist(channelArn, token))).status, 200);
  }
  for (const width of [1280, 640, 400, 320]) {
    const { page, close } = await open(emulator,
      { viewport: { width, height: 800 } });
    const revoke = page.getByRole('button', { name: 'Revoke Zuschauer-ä日本-3',
      exact: true });
    await revoke.waitFor();
    assert.ok(await noSidewaysScrolling(page), `${width}`);
    for (const button of [revoke,
      page.getByRole('button', { name: `End the stream of ${long}` })]) {
      const { height } = await button.boundingBox();
      assert.ok(height < 40, `${width}: a button of ${height} pixels`);
    }
    const { height } = await page.locator('main').boundingBox();
    assert.ok(height < (width > 1000 ? 2500 : 4000), `${width}: ${height}`);
    await picture(page, `many-${width}`);
    await assertAccessible(page);
    await close();
  }
});

test('what is read out by itself does not change each second', async () => {
  const emulator = await startWithKey();
  const { page, close } = await open(emulator);
  const now = await page.locator('#now').innerText();
  await page.evaluate(() => {
    globalThis.said = [];
    new MutationObserver((changes) => globalThis.said.push(...changes.map(
      ({ target }) => target.parentElement?.closest('[role="status"]')?.id ??
        target.id).filter(Boolean)))
      .observe(document.body,
        { subtree: true, childList: true, characterData: true });
  });
  await page.waitForFunction((before) =>
    document.getElementById('now').textContent !== before, now);
  assert.deepEqual([...new Set(await page.evaluate(() => globalThis.said))],
    ['now']);
  await close();
});

test('it is the same in light and dark, wide and narrow, and accessible',
  async (t) => {
    const emulator = await startWithKey();
    await fill(emulator);
    for (const colorScheme of ['light', 'dark']) {
      for (const [size, width] of [['wide', 1280], ['narrow', 320]]) {
        await t.test(`${colorScheme} and ${size}`, async () => {
          const { page, close } = await open(emulator,
            { colorScheme, viewport: { width, height: 800 },
              reducedMotion: 'reduce' });
          await page.getByText('moderator').waitFor();
          await page.getByRole('button', { name: 'Mint', exact: true })
            .click();
          await page.getByText('Minted.').waitFor();
          await page.getByLabel('Token, or a playback URL with one')
            .fill(await page.getByLabel('Playback URL').first().inputValue());
          await page.getByRole('button', { name: 'Inspect' }).click();
          await page.getByText('aws:channel-arn').waitFor();
          assert.ok(await noSidewaysScrolling(page));
          await picture(page, `${colorScheme}-${size}`);
          await assertAccessible(page);
          await close();
        });
      }
    }
  });

test('names are text, whatever they hold', async () => {
  const emulator = await startWithKey();
  const evil = '<img src=x onerror="document.title=1">';
  const channelArn = await newChannel(emulator, 'stage');
  await emulator.post('/_/mint-key', SCOPE);
  await emulator.post('/_/streams', { channelArn, action: 'start' });
  const { token } = await emulator.post('/_/mint', { claims:
    { 'aws:channel-arn': channelArn, 'aws:viewer-id': evil,
      [`claim ${evil}`]: evil } });
  assert.equal((await request(emulator.port, 'GET',
    playlist(channelArn, token))).status, 200);
  // The emulator's own rules keep such a name out: as if they did not.
  const { page, close } = await newPage();
  await page.route('**/_/state*', async (route) => {
    const answer = await route.fetch();
    const state = await answer.json();
    for (const list of [state.channels, state.keyPairs])
      for (const item of list)
        item.name = evil;
    await route.fulfill({ response: answer, json: state });
  });
  await page.goto(`${emulator.url}/_/`);
  await page.getByRole('radio', { name: evil }).waitFor();
  await page.getByRole('button', { name: `Revoke ${evil}` }).waitFor();
  await page.getByLabel('Token, or a playback URL with one').fill(token);
  await page.getByRole('button', { name: 'Inspect' }).click();
  await page.getByText(`claim ${evil}`).waitFor();
  assert.equal(await page.locator('img').count(), 0);
  assert.equal(await page.title(), 'ivs-emulator');
  await page.unrouteAll({ behavior: 'wait' });
  await close();
});

test('refusals are those of the account and region that is shown', async () => {
  const emulator = await startWithKey();
  const elsewhere = { account: SCOPE.account, region: 'eu-west-1' };
  const stage = await newChannel(emulator, 'stage');
  const { channel } = await emulator.post('/_/channels',
    { ...elsewhere, name: 'elsewhere' });
  for (const arn of [stage, channel.arn])
    await request(emulator.port, 'GET', playlist(arn, 'x'));
  const { page, close } = await open(emulator);
  const rows = page.locator('#refusal-rows li');
  for (const { account, region } of [SCOPE, elsewhere, SCOPE]) {
    await page.locator('#scope').selectOption(`${account}/${region}`);
    await rows.filter({ hasText: `/${region}.` }).waitFor();
    assert.equal(await rows.count(), 1);
  }
  await close();
});

test('a page of another origin gets nothing and changes nothing', async () => {
  const emulator = await startWithKey();
  await newChannel(emulator, 'stage');
  const other = http.createServer((asked, answer) => {
    answer.setHeader('Content-Type', 'text/html');
    answer.end('<!doctype html><title>other</title>');
  });
  await new Promise((resolve) => other.listen(0, '127.0.0.1', resolve));
  const home = `http://localhost:${other.address().port}/`;
  try {
    // Its complaints are the browser's about us.
    const { page, close } = await newPage({}, [/.*/]);
    await page.goto(home);
    const tried = await page.evaluate(async (url) => {
      const ask = (path, options) => fetch(url + path, options)
        .then(async (r) => `${r.type} ${await r.text()}`, (e) => e.name);
      const load = (tag, source) => new Promise((resolve) => {
        const node = document.createElement(tag);
        node.onload = () => resolve(`${tag} loaded`);
        node.onerror = () => resolve(`${tag} refused`);
        node.src = source;
        document.body.append(node);
      });
      return [
        await ask('/_/state'), await ask('/_/reset', { method: 'POST' }),
        await ask('/_/reset', { method: 'POST', mode: 'no-cors' }),
        await ask('/_/reset', { method: 'POST', mode: 'no-cors',
          body: '{}', headers: { 'Content-Type': 'text/plain' } }),
        await ask('/_/state', { mode: 'no-cors' }),
        await load('script', `${url}/_/page.js`),
        await load('img', `${url}/_/state`),
      ];
    }, emulator.url);
    assert.deepEqual(tried, ['TypeError', 'TypeError', 'opaque ', 'opaque ',
      'opaque ', 'script refused', 'img refused']);
    // Neither in a frame.
    await page.evaluate((url) => {
      const frame = document.createElement('iframe');
      frame.src = url;
      document.body.append(frame);
    }, `${emulator.url}/_/`);
    await page.waitForTimeout(500);
    for (const frame of page.frames().slice(1))
      assert.doesNotMatch(await frame.content(), /Channels/);
    await close();
    const state = JSON.parse((await request(emulator.port, 'GET',
      '/_/state')).body);
    assert.equal(state.channels.length, 1);
  } finally {
    other.close();
  }
});

test('everything can be done with the keyboard', async () => {
  const emulator = await startWithKey();
  const { page, close } = await open(emulator, {},
    [/the server responded with a status of 403/]); // what is revoked
  // Tab on until what has the focus is called so, and look at its outline.
  const go = async (name) => {
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press('Tab');
      const at = await page.evaluate(() => {
        const node = document.activeElement;
        const style = getComputedStyle(node);
        return { name: node.ariaLabel ?? node.labels?.[0]?.textContent ??
          node.textContent, outline: style.outlineStyle,
        width: parseFloat(style.outlineWidth) };
      });
      if (at.name.trim().startsWith(name)) {
        assert.equal(at.outline, 'solid', name);
        assert.ok(at.width >= 2, name);
        return;
      }
    }
    assert.fail(`Tab does not lead to ${name}`);
  };
  await go('New private channel');
  await page.keyboard.press('Enter');
  await go('Name');
  await page.keyboard.type('keys');
  await page.keyboard.press('Enter');
  await page.getByRole('radio', { name: 'keys' }).waitFor();
  await page.getByText('The channel is made.').waitFor();
  await go('Import its public half');
  await page.keyboard.press('Space');
  await page.getByText('Signed with the key pair mint-key.').waitFor();
  await go('Start the stream of keys');
  await page.keyboard.press('Enter');
  await page.getByText(/^live 00:0/).waitFor();
  // What has the focus keeps it while the state is shown anew.
  await page.waitForTimeout(1500);
  assert.equal(await page.evaluate(() => document.activeElement.ariaLabel),
    'End the stream of keys');
  await go('Viewer id');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('typist');
  await page.keyboard.press('Enter');
  await page.getByText('Minted.').waitFor();
  await go('Revoke typist');
  await page.keyboard.press('Enter');
  await page.getByText('Revoked typist, tokens up to version 0.').waitFor();
  await page.getByRole('cell', { name: 'revoked' }).waitFor();
  await go('Token, or a playback URL');
  await page.keyboard.type(
    await page.getByLabel('Playback URL').first().inputValue());
  await go('Inspect');
  await page.keyboard.press('Enter');
  await page.getByText('typist').last().waitFor();
  await close();
});

test('what cannot be minted or made is not asked for', async () => {
  const emulator = await startWithKey();
  await newChannel(emulator, 'stage');
  const { page, close } = await open(emulator);
  await page.getByText('New private channel').click();
  for (const [form, name, bad, good] of [
    ['channel', 'name', 'Bühne', 'buehne-2_a'],
    ['mint', 'ttl', '0', '1'], ['mint', 'ttl', '', '300'],
    ['mint', 'version', '9999999999999999', '999999999999999'],
    ['mint', 'version', '-1', '']]) {
    const field = page.locator(`#${form}-form [name="${name}"]`);
    const valid = () => field.evaluate((node) => node.validity.valid);
    await field.fill(bad);
    assert.equal(await valid(), false, `${name} ${bad}`);
    // The browser says this beside its own words.
    assert.notEqual(await field.getAttribute('title'), null);
    await field.fill(good);
    assert.equal(await valid(), true, `${name} ${good}`);
  }
  await close();
});

test('what a token says is what the command says', async () => {
  const emulator = await startWithKey();
  const { page, close } = await open(emulator);
  const head = Buffer.from('{"alg":"none"}').toString('base64url');
  const body = Buffer.from('{"exp":1,"aws:viewer-id":""}')
    .toString('base64url');
  const token = `${head}.${body}.AAAA`;
  const { stdout } = await cli(['--json', 'token', 'inspect'],
    { input: token });
  const { findings } = JSON.parse(stdout);
  assert.ok(findings.length > 3);
  await page.getByLabel('Token, or a playback URL with one').fill(token);
  await page.getByRole('button', { name: 'Inspect' }).click();
  await page.getByText('Not verified').waitFor();
  // the one looks at the clock a little after the other
  const still = (text) => text.replace(/now is \d+/, 'now');
  assert.deepEqual(
    (await page.locator('#findings li').allTextContents()).map(still),
    findings.map((f) => still(`${f.severity} ${f.code}: ${f.message}`)));
  await close();
});

test('what can play is offered, and what cannot is said', async (t) => {
  const emulator = await startWithKey();
  for (const [native, hlsjs, chosen, note] of [
    [true, true, 'native', ''],
    [true, false, 'native', /^hls\.js was not there when/],
    [false, true, 'hlsjs', /^This browser plays no HLS of its own\.$/],
    [false, false, '', /no HLS of its own\. hls\.js was not there/]]) {
    await t.test(`HLS ${native}, hls.js ${hlsjs}`, async () => {
      const { page, close } = await newPage();
      if (!native) {
        await page.addInitScript(() => {
          HTMLMediaElement.prototype.canPlayType = () => '';
        });
      }
      await page.route('**/_/state*', async (route) => {
        const answer = await route.fetch();
        await route.fulfill({ response: answer,
          json: { ...await answer.json(), hlsjs } });
      });
      await page.goto(`${emulator.url}/_/`);
      await page.getByText('Connected').waitFor();
      const engines = page.getByLabel('Played by');
      assert.deepEqual(await engines.locator('option').evaluateAll(
        (options) => options.map((option) => !option.disabled)),
      [native, hlsjs]);
      if (chosen !== '')
        assert.equal(await engines.inputValue(), chosen);
      assert.equal(await page.getByRole('button', { name: 'Play', exact: true })
        .isEnabled(), native || hlsjs);
      assert.match(await page.locator('#engine-note').textContent(),
        note || /^$/);
      await page.unrouteAll({ behavior: 'wait' });
      await close();
    });
  }
});

test('a hidden page asks for nothing', async () => {
  const emulator = await startWithKey();
  const { page, close } = await open(emulator);
  let asked = 0;
  page.on('request', () => { asked += 1; });
  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden',
      { get: () => true, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await page.waitForTimeout(300); // what was on its way
  asked = 0;
  await page.waitForTimeout(2500);
  assert.equal(asked, 0);
  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { get: () => false });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await page.waitForTimeout(500);
  assert.ok(asked > 0);
  await close();
});

test('it says when the emulator is gone', async () => {
  const emulator = await startWithKey();
  const { page, close } = await open(emulator, {},
    [/ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET/]);
  await emulator.stop();
  await page.getByText('The emulator does not answer').waitFor();
  await page.getByText(/^– this is how it was at \d/).waitFor();
  await page.getByText('New private channel').click();
  await page.getByRole('button', { name: 'Make the channel' }).click();
  await page.locator('#channel-status').filter(
    { hasText: 'the emulator does not answer' }).waitFor();
  await close();
});
