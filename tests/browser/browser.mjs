// SPDX-License-Identifier: MIT
// What the browser tests share: an emulator with a key to mint with, Debian's
// Chromium, and pages that tell of everything a page should not do.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after } from 'node:test';

import { assert, cli, newPath, request, scratch, startEmulator }
  from './lib.mjs';

const CHROMIUM = '/usr/bin/chromium';
if (!fs.existsSync(CHROMIUM)) {
  console.error(`SKIPPED: there is no ${CHROMIUM}`);
  process.exit(77);
}
const { chromium } = await import('playwright-core');

export const SCOPE = { account: '000000000000', region: 'us-west-2' };
export const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;

// A browser that asks nobody but the emulator for anything.
const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update',
    '--disable-sync'],
  env: { ...process.env, HOME: scratch, LC_ALL: 'C.UTF-8' },
});
after(() => browser.close());

export async function startWithKey(args = []) {
  const key = newPath('mint-key.pem');
  await cli(['key', 'generate', '--out', key]);
  const emulator = await startEmulator(['--mint-key', key, '--no-quotas',
    ...args]);
  return { ...emulator, key, post: async (path, body, status = 200) => {
    const answer = await request(emulator.port, 'POST', path,
      { body: JSON.stringify(body) });
    assert.equal(answer.status, status, answer.body);
    return answer.body === '' ? null : JSON.parse(answer.body);
  } };
}

export async function newChannel(emulator, name) {
  const { channel } = await emulator.post('/_/channels', { ...SCOPE, name });
  return channel.arn;
}

// A page, and what it did that a page of ours does not: requests to others,
// complaints on the console, errors, violations of its policy. `expected` are
// patterns of complaints that the test provokes.
export async function newPage(options = {}, expected = []) {
  const context = await browser.newContext({ serviceWorkers: 'block',
    viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const asked = new Set();
  const wrong = [];
  page.on('request', (sent) => asked.add(new URL(sent.url())));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()))
      wrong.push(message.text());
  });
  page.on('pageerror', (error) => wrong.push(`${error}`));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) =>
      console.error(`violation: ${event.violatedDirective}`));
  });
  const close = async () => {
    const origin = new URL(page.url()).host;
    for (const url of asked) {
      assert.ok(['data:', 'blob:'].includes(url.protocol) ||
        [origin, `localhost:${url.port}`, `127.0.0.1:${url.port}`]
          .includes(url.host), `asked for ${url}`);
    }
    assert.deepEqual(wrong.filter(
      (text) => !expected.some((pattern) => pattern.test(text))), []);
    await context.close();
  };
  return { page, context, close };
}

// Pictures of what a person would see, for a person to look at.
const pictures = path.join(process.env.IVS_BUILD_DIR, 'screenshots');
fs.mkdirSync(pictures, { recursive: true });
export function picture(page, name) {
  return page.screenshot({ path: path.join(pictures, `${name}.png`),
    fullPage: true });
}
