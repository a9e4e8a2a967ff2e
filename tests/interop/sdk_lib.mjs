// SPDX-License-Identifier: MIT
// The AWS SDK as a client of ivs-emulator. Every answer is also compared, as it
// came over the wire, with the SDK's own schema of the operation: status,
// members, types, required members, form of times.

import { Readable } from 'node:stream';

import * as ivs from '@aws-sdk/client-ivs';

import { assert } from './lib.mjs';

export const REGION = 'us-west-2';
export const ID = '[a-zA-Z0-9]{12}';

// Kinds of a schema: smithy's numbers.
const STRING = 0;
const NUMBER = 1;
const BOOLEAN = 2;
const LIST = 1;
const MAP = 2;
const STRUCTURE = 3;
const DATE_TIME = 5;
const LIST_OF = 64;
const MAP_OF = 128;
const SCALARS = { [STRING]: 'string', [NUMBER]: 'number',
  [BOOLEAN]: 'boolean', [DATE_TIME]: 'string' };

function checkScalar(kind, value, where) {
  assert.ok(kind in SCALARS, `${where}: unknown kind ${kind}`);
  assert.equal(typeof value, SCALARS[kind], where);
  if (kind === NUMBER)
    assert.ok(Number.isInteger(value), where);
  if (kind === DATE_TIME)
    assert.match(value, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, where);
}

function checkList(item, value, where) {
  assert.ok(Array.isArray(value), where);
  value.forEach((one, i) => checkShape(item, one, `${where}[${i}]`));
}

function checkMap(item, value, where) {
  assert.equal(Object.prototype.toString.call(value), '[object Object]', where);
  for (const [name, one] of Object.entries(value))
    checkShape(item, one, `${where}.${name}`);
}

function checkStructure([, , , , names, members, required = 0], value, where) {
  assert.equal(Object.prototype.toString.call(value), '[object Object]', where);
  for (const name of names.slice(0, required))
    assert.ok(name in value, `${where}.${name} is required`);
  for (const [name, one] of Object.entries(value)) {
    assert.ok(names.includes(name), `${where} has no member ${name}`);
    checkShape(members[names.indexOf(name)], one, `${where}.${name}`);
  }
}

function checkShape(schema, value, where) {
  if (typeof schema === 'function')
    checkShape(schema(), value, where);
  else if (typeof schema === 'number' && schema >= MAP_OF)
    checkMap(schema - MAP_OF, value, where);
  else if (typeof schema === 'number' && schema >= LIST_OF)
    checkList(schema - LIST_OF, value, where);
  else if (typeof schema === 'number')
    checkScalar(schema, value, where);
  else if (schema[0] === LIST && typeof schema[1] === 'string')
    checkList(schema[4], value, where);
  else if (schema[0] === MAP && typeof schema[1] === 'string')
    checkMap(schema[5], value, where);
  else if (schema[0] === STRUCTURE && typeof schema[1] === 'string')
    checkStructure(schema, value, where);
  else // a member with traits
    checkShape(schema[0], value, where);
}

function checkWire(operation, { status, type, body }) {
  const [, , , { http }, , output] = ivs[`${operation}$`];
  assert.equal(status, http[2], operation);
  if (status === 204) {
    assert.equal(body, '', operation);
  } else if (body !== '') {
    assert.equal(type, 'application/json', operation);
    checkShape(output, JSON.parse(body), operation);
  } else {
    assert.deepEqual(output()[4], [], `${operation} answers something`);
  }
}

// Keep what comes over the wire.
function listen(client) {
  const handler = client.config.requestHandler;
  const handle = handler.handle.bind(handler);
  handler.handle = async (...args) => {
    const result = await handle(...args);
    const parts = [];
    for await (const part of result.response.body)
      parts.push(part);
    const body = Buffer.concat(parts);
    client.lastAnswer = { status: result.response.statusCode,
      type: result.response.headers['content-type'],
      body: body.toString('utf8') };
    result.response.body = Readable.from(body.length ? [body] : []);
    return result;
  };
  return client;
}

export function connect(url, { region = REGION, account = 'test',
  secret = 'test', maxAttempts = 1 } = {}) {
  return listen(new ivs.IvsClient({ region, endpoint: url, maxAttempts,
    credentials: { accessKeyId: account, secretAccessKey: secret } }));
}

// Operations that were answered with success.
export const performed = new Set();

// Call an operation; not two at a time through one client.
export async function send(client, operation, input = {}) {
  const answer = await client.send(new ivs[`${operation}Command`](input));
  checkWire(operation, client.lastAnswer);
  performed.add(operation);
  return answer;
}

// One account per test: nobody meets another's keys and channels.
let accounts = 100000000000;
export function freshAccount() {
  accounts += 1;
  return `${accounts}`;
}

// Insist on an error of the SDK's class, or a name where it has none.
export async function refused(promise, type, status) {
  const error = await promise.then(
    () => assert.fail(`${type?.name ?? type} was expected`), (e) => e);
  if (typeof type === 'function') {
    assert.ok(error instanceof type, `${error.name}: ${error.message}`);
    assert.ok(error instanceof ivs.IvsServiceException);
    assert.ok(error.exceptionMessage, error.name);
  } else {
    assert.match(error.name, type, error.message);
  }
  assert.equal(error.$metadata?.httpStatusCode, status, error.name);
  assert.equal(error.$metadata.attempts, 1);
  assert.notEqual(error.message, 'UnknownError');
  return error;
}
