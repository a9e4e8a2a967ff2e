// SPDX-License-Identifier: MIT
// What the interop tests share: counted checks, the programs under test as
// child processes, a scratch folder, the SDK client and plain HTTP.

import nodeAssert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { after } from 'node:test';

const build = process.env.IVS_BUILD_DIR;
if (!build)
  throw new Error('IVS_BUILD_DIR must name the build folder');

// A good input of every operation of the service.
export const INPUTS = JSON.parse(fs.readFileSync(path.join(
  process.env.IVS_SOURCE_DIR, 'tests/support/inputs.json'), 'utf8'));

// A step that hangs fails alone, long before CTest ends the whole program.
const STEP_MS = 30_000;

let checks = 0;
export const assert = new Proxy(nodeAssert, {
  get(target, name) {
    const value = target[name];
    return typeof value !== 'function' ? value : (...args) => {
      checks += 1;
      return value(...args);
    };
  },
  apply(target, self, args) {
    checks += 1;
    return target(...args);
  },
});

export const scratch =
  fs.mkdtempSync(path.join(os.tmpdir(), 'ivs-interop-'));
const children = new Set();

function release() {
  for (const child of children)
    child.kill('SIGKILL');
  fs.rmSync(scratch, { recursive: true, force: true });
}
process.on('exit', release);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => process.exit(1));

export function reportChecks(name) {
  process.on('exit', () => console.log(`${name}: ${checks} checks`));
}

// Neither the caller's AWS settings nor its home may change a result.
const KEPT = ['PATH', 'LD_LIBRARY_PATH', 'TMPDIR', 'ASAN_OPTIONS',
  'UBSAN_OPTIONS', 'LSAN_OPTIONS', 'TSAN_OPTIONS', 'LLVM_PROFILE_FILE'];
const environment = { HOME: scratch, LC_ALL: 'C.UTF-8', NO_COLOR: '1' };
for (const name of KEPT) {
  if (process.env[name] !== undefined)
    environment[name] = process.env[name];
}
for (const name of Object.keys(process.env)) {
  if (name.startsWith('AWS_'))
    delete process.env[name];
}
process.env.HOME = scratch;
process.env.AWS_EC2_METADATA_DISABLED = 'true';
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const SANITIZER =
  /(Address|Leak|Thread|UndefinedBehavior)Sanitizer|runtime error:/;

function launch(program, args, options) {
  const child = spawn(path.join(build, 'bin', program), args, {
    env: { ...environment, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  children.add(child);
  const output = { child, stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr']) {
    child[stream].setEncoding('utf8');
    child[stream].on('data', (text) => { output[stream] += text; });
  }
  child.stdin.on('error', () => {}); // it may well end without reading
  output.ended = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      children.delete(child);
      resolve({ code, signal });
    });
  });
  output.ended.catch(() => children.delete(child));
  return output;
}

// Run ivs-token to its end and insist on its exit code.
export async function cli(args, options = {}) {
  const run = launch('ivs-token', args, options);
  const timer = setTimeout(() => run.child.kill('SIGKILL'), STEP_MS);
  run.child.stdin.end(options.input ?? '');
  const { code, signal } = await run.ended
    .finally(() => clearTimeout(timer));
  const what = `ivs-token ${args.join(' ')}\n${run.stdout}${run.stderr}`;
  assert.equal(signal ?? code, options.code ?? 0, what);
  assert.doesNotMatch(run.stderr, SANITIZER, what);
  return { code, stdout: run.stdout, stderr: run.stderr };
}

// The same with --json: the one document on stdout.
export async function cliJson(args, options = {}) {
  const { stdout } = await cli(['--json', ...args], options);
  try {
    return JSON.parse(stdout);
  } catch (error) {
    throw new Error(`ivs-token ${args.join(' ')}: stdout is not one JSON ` +
      `document (${error.message}): ${JSON.stringify(stdout)}`);
  }
}

export function nowSeconds() {
  return Math.floor(Date.now() / 1000);
}

let files = 0;
export function writeFile(data, name = 'file') {
  files += 1;
  const file = path.join(scratch, `${files}-${name}`);
  fs.writeFileSync(file, data, { mode: 0o600 });
  return file;
}

export function newPath(name = 'file') {
  files += 1;
  return path.join(scratch, `${files}-${name}`);
}

// MD5 over the DER SubjectPublicKeyInfo, computed by Node alone.
export function fingerprintOf(publicKey) {
  const der = publicKey.export({ type: 'spki', format: 'der' });
  const hex = createHash('md5').update(der).digest('hex');
  return hex.match(/../g).join(':');
}

// Start ivs-emulator on a free port; it is stopped, and its end checked, when
// the file's tests are done.
export async function startEmulator(args = []) {
  const run = launch('ivs-emulator', ['--port', '0', ...args], {});
  run.child.stdin.end();
  const ready = await new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`no ready line: ${run.stdout}${run.stderr}`)),
      STEP_MS);
    const look = () => {
      const end = run.stdout.indexOf('\n');
      if (end < 0)
        return;
      clearTimeout(timer);
      try {
        resolve(JSON.parse(run.stdout.slice(0, end)));
      } catch (error) {
        reject(error);
      }
    };
    run.child.stdout.on('data', look);
    run.ended.then(() => reject(
      new Error(`the emulator ended at once: ${run.stderr}`)), reject);
  });
  assert.equal(ready.ready, true);
  const url = `http://127.0.0.1:${ready.port}`;
  let stopping;
  const stop = () => stopping ??= (async () => {
    run.child.kill('SIGTERM');
    const timer = setTimeout(() => run.child.kill('SIGKILL'), STEP_MS);
    const { code, signal } = await run.ended
      .finally(() => clearTimeout(timer));
    assert.equal(signal ?? code, 0, `emulator: ${run.stderr}`);
    assert.doesNotMatch(run.stderr, SANITIZER);
  })();
  after(stop);
  return { port: ready.port, url, stop };
}

// One plain HTTP request; the path goes out exactly as it is.
export function request(port, method, rawPath, { headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const call = http.request(
      { host: '127.0.0.1', port, method, path: rawPath, headers, agent: false,
        timeout: STEP_MS },
      (answer) => {
        const parts = [];
        answer.on('data', (part) => parts.push(part));
        answer.on('error', reject);
        answer.on('end', () => resolve({
          status: answer.statusCode,
          headers: answer.headers,
          body: Buffer.concat(parts).toString('utf8'),
        }));
      });
    call.on('timeout', () => call.destroy(new Error(`${rawPath}: timeout`)));
    call.on('error', reject);
    call.end(body);
  });
}

export async function advanceClock(port, seconds) {
  const answer = await request(port, 'POST', '/_/clock', {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ advance_s: seconds }),
  });
  assert.equal(answer.status, 200, answer.body);
}

// Rules of /_/faults in place of those before; none drops them.
export async function setFaults(port, ...faults) {
  await request(port, 'DELETE', '/_/faults');
  const answer = await request(port, 'POST', '/_/faults', {
    body: JSON.stringify({ faults }),
  });
  assert.equal(answer.status, 200, answer.body);
}

// How often each rule fitted a request, and fired.
export async function countFaults(port) {
  const answer = await request(port, 'GET', '/_/faults');
  return JSON.parse(answer.body).faults.map(({ seen, fired }) =>
    [seen, fired]);
}

// Begin or end a channel's stream, as an encoder would; what it is now.
export async function stream(port, channelArn, action = 'start', more = {}) {
  const answer = await request(port, 'POST', '/_/streams', {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ channelArn, action, ...more }),
  });
  assert.equal(answer.status, 200, answer.body);
  return JSON.parse(answer.body);
}

// Options that point ivs-token at a server; credentials by environment.
export function serviceOptions(url, region, { accessKeyId = 'test',
  secretAccessKey = 'test', sessionToken } = {}) {
  const env = {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: region,
    AWS_ENDPOINT_URL_IVS: url,
  };
  if (sessionToken)
    env.AWS_SESSION_TOKEN = sessionToken;
  return env;
}
