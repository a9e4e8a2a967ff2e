// SPDX-License-Identifier: MIT
// Mutated tokens, judged by us through both engines, by libjwt and by jose:
// where verdicts differ, ours is the stricter one, and in a way that
// tests/README.md lists. The list there is read from there.

import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

import * as jose from 'jose';

import { assert, newPath, reportChecks } from './lib.mjs';

reportChecks('differential');

const COUNT = 12_000;
const NOW = new Date(1_700_000_000_000); // the program's, too

// From the rows `| class | laxer | why |` of the section about this test.
function listedClasses() {
  const file = path.join(process.env.IVS_SOURCE_DIR, 'tests', 'README.md');
  const section = fs.readFileSync(file, 'utf8')
    .split(/^## /m).find((text) => text.startsWith('Differences'));
  const listed = new Set();
  for (const row of section.split('\n')) {
    const cells = row.split('|').map((cell) => cell.trim());
    const name = cells[1]?.match(/^`(.+)`$/)?.[1];
    for (const other of name ? cells[2].split(', ') : [])
      listed.add(`${other}: ${name}`);
  }
  return listed;
}

// Our reason alone would hide faults that readers see differently.
function base64urlFault(text) {
  for (const segment of text.split('.')) {
    const odd = segment.match(/[^A-Za-z0-9_-]/)?.[0];
    if (odd === '=')
      return 'padding';
    if (odd === '+' || odd === '/')
      return 'plain alphabet';
    if (odd !== undefined)
      return /\s/.test(odd) ? 'white space' : 'other characters';
    if (segment.length % 4 === 1)
      return 'length';
    if (Buffer.from(segment, 'base64url').toString('base64url') !== segment)
      return 'loose bits';
  }
  return 'unknown';
}

const LONE_SURROGATE = new RegExp(
  '\\\\u[dD][89abAB]..(?!\\\\u[dD][c-fC-F])|' +
  '(?<!\\\\u[dD][89abAB]..)\\\\u[dD][c-fC-F]');

function jsonFault(text) {
  for (const segment of text.split('.', 2)) {
    const json = Buffer.from(segment, 'base64url').toString('utf8');
    if (json.startsWith('\ufeff'))
      return 'byte order mark';
    if (json.includes('\0') || json.includes('\\u0000'))
      return 'NUL';
    if (LONE_SURROGATE.test(json))
      return 'lone surrogate';
  }
  return 'unknown';
}

function classOf(ours, bytes) {
  const text = bytes.toString('latin1');
  if (ours === 'base64url')
    return `${ours}, ${base64urlFault(text)}`;
  return ours === 'json' ? `${ours}, ${jsonFault(text)}` : ours;
}

async function records() {
  const file = newPath('tokens.ndjson');
  const pem = newPath('public.pem');
  const program = path.join(process.env.IVS_BUILD_DIR, 'bin',
    'interop_differential');
  await promisify(execFile)(program, [file, pem, `${COUNT}`]);
  return {
    key: await jose.importSPKI(fs.readFileSync(pem, 'utf8'), 'ES384'),
    lines: fs.readFileSync(file, 'utf8').trimEnd().split('\n'),
  };
}

test('nobody refuses what we accept, and all else is listed', async () => {
  const { key, lines } = await records();
  const listed = listedClasses();
  const seen = new Map();
  const kinds = new Map();
  const good = { ours: 0, libjwt: 0, jose: 0 };
  for (const line of lines) {
    const record = JSON.parse(line);
    const bytes = Buffer.from(record.token, 'base64url');
    const verdicts = {
      libjwt: record.libjwt,
      jose: await jose.jwtVerify(bytes, key, { algorithms: ['ES384'],
        currentDate: NOW }).then(() => true, () => false),
    };
    const what = `token ${record.number} (${record.kind}, ours: ` +
      `${record.ours}): ${bytes.toString('latin1')}`;
    kinds.set(record.kind, (kinds.get(record.kind) ?? 0) + 1);
    good.ours += record.ours === 'none';
    if (record.kind === 'good')
      assert.equal(record.ours, 'none', what);
    for (const [other, accepts] of Object.entries(verdicts)) {
      good[other] += accepts;
      if (record.ours === 'none') {
        assert.ok(accepts, `refused by ${other}: ${what}`);
      } else if (accepts) {
        const name = `${other}: ${classOf(record.ours, bytes)}`;
        seen.set(name, (seen.get(name) ?? 0) + 1);
        assert.ok(listed.has(name), `"${name}" is not listed: ${what}`);
      }
    }
  }
  assert.equal(lines.length, COUNT);
  assert.ok(good.ours > COUNT / 20 && good.ours < COUNT / 2, `${good.ours}`);
  assert.ok(kinds.size >= 11, [...kinds.keys()].join(', '));
  for (const name of listed)
    assert.ok(seen.has(name), `"${name}" is listed and never occurs`);
  console.log('accepted:', good, 'of', COUNT);
  console.log('accepted by others alone:',
    Object.fromEntries([...seen].sort()));
});
