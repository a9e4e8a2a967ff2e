// SPDX-License-Identifier: MIT
// The page of ivs-emulator: shows /_/state once a second while it is seen, and
// plays. What comes from the emulator goes into the page as text only.
'use strict';

const POLL_MS = 1000;
const LADDER = ['720p', '480p', '160p']; // what two processors encode
const RETRY_MS = 2000;
const REFUSALS_MAX = 50;
const GONE = 'the emulator does not answer';
const HLS_TYPE = 'application/vnd.apple.mpegurl';

const $ = (id) => document.getElementById(id);
const fields = (id) => $(id).elements;
const video = $('video');

let state = { channels: [], keyPairs: [], sessions: [], scope: null };
let refusals = []; // the latest first
let latest = 0; // number of the last request that was looked at
const chosen = { scope: location.hash.slice(1), channel: '' };
let shown = ''; // the channel whose playback URL the player was given
const pages = { channelsAfter: 0, sessionsBefore: 0 };

// ---- the emulator's answers ----

async function ask(path, body) {
  const answer = await fetch(path, body === undefined ? {} : {
    method: 'POST', body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json' },
  }).catch(() => {
    throw new Error(GONE);
  });
  const text = await answer.text();
  if (answer.ok)
    return text === '' ? {} : JSON.parse(text);
  let message = `the emulator answered ${answer.status}`;
  try {
    message = JSON.parse(text).message ?? message;
  } catch {
    // not in the API's form: the status has to do
  }
  throw new Error(message);
}

// Carry out what a button or form is for, and tell how it went.
async function attempt(status, done, action) {
  $(status).className = 'status';
  $(status).textContent = '';
  try {
    await action();
    $(status).textContent = done;
  } catch (error) {
    $(status).className = 'status bad';
    $(status).textContent = error.message;
  }
  await poll();
}

// ---- text and elements ----

function el(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

function put(node, text, className = node.className) {
  if (node.textContent !== text)
    node.textContent = text;
  if (node.className !== className)
    node.className = className;
}

// Make the children of a list those of items. What stays is changed in place,
// so that it keeps the focus.
function sync(list, items, keyOf, make) {
  const old = new Map([...list.children].map((row) => [row.dataset.key, row]));
  let at = list.firstElementChild;
  for (const item of items) {
    const key = String(keyOf(item));
    let row = old.get(key);
    if (row === undefined) {
      row = make(item);
      row.dataset.key = key;
    }
    old.delete(key);
    row.update?.(item);
    if (row === at)
      at = at.nextElementSibling;
    else
      list.insertBefore(row, at);
  }
  for (const row of old.values())
    row.remove();
}

function duration(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  const two = (n) => String(n).padStart(2, '0');
  const rest = `${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
  return s < 3600 ? rest : `${Math.floor(s / 3600)}:${rest}`;
}

const clock = (seconds) => new Date(seconds * 1000).toLocaleTimeString();
const idOf = (arn) => arn.slice(arn.lastIndexOf('/') + 1);
const nameOf = (channel) => channel.name || idOf(channel.arn);
const channelOf = (arn) => state.channels.find((c) => c.arn === arn);

// ---- channels ----

function channelRow({ arn }) {
  const radio = el('input', { type: 'radio', name: 'channel', value: arn });
  const name = el('span');
  const access = el('td');
  const stream = el('td');
  const button = el('button', { type: 'button' });
  const row = el('tr', {},
    el('td', {},
      el('label', { className: 'pick' }, radio, name),
      el('span', { className: 'sub mono', textContent: idOf(arn) })),
    access, stream, el('td', {}, button));

  radio.addEventListener('change', () => choose(arn));
  button.addEventListener('click', () => attempt('channel-status', '', () =>
    ask('/_/streams', { channelArn: arn, action: button.value,
      ...(button.value === 'start' && $('from').value !== ''
        ? { from: $('from').value, ladder: LADDER } : {}) })));
  row.update = (channel) => {
    const live = channel.stream;
    put(name, nameOf(channel));
    put(access, channel.authorized ? 'private' : 'public');
    put(stream, live === null ? 'offline' : `live ${duration(state.now_s -
      Date.parse(live.startTime) / 1000)}, ${live.health.toLowerCase()}, ` +
      `${live.viewerCount} watching`, live === null ? 'sub' : 'good');
    put(button, live === null ? 'Start' : 'End');
    button.value = live === null ? 'start' : 'stop';
    button.setAttribute('aria-label',
      `${button.textContent} the stream of ${nameOf(channel)}`);
    radio.checked = chosen.channel === arn;
  };
  return row;
}

function choose(arn) {
  chosen.channel = arn;
  showChosen();
}

function showChosen() {
  const channel = channelOf(chosen.channel);
  put($('mint-channel'), channel === undefined ? 'no channel yet'
    : nameOf(channel));
  if (channel === undefined || shown === channel.arn)
    return;
  shown = channel.arn;
  fields('play-form').url.value = playbackUrl(shown);
}

function playbackUrl(arn, token) {
  const [, , , region, account, resource] = arn.split(':');
  return `${location.origin}/api/video/v1/${region}.${account}.` +
    `${resource.replace('/', '.')}.m3u8${token ? `?token=${token}` : ''}`;
}

// ---- the rest of the state ----

function sessionRow({ channelArn }) {
  const viewer = el('span');
  const id = el('span', { className: 'sub mono' });
  const channel = el('td');
  const age = el('td');
  const alive = el('td');
  const button = el('button', { type: 'button', textContent: 'Revoke' });
  const row = el('tr', {}, el('td', {}, viewer, id), channel, age, alive,
    el('td', {}, button));
  let shown;

  button.addEventListener('click', () => attempt('session-status',
    `Revoked ${shown.viewerId}, tokens up to version ` +
    `${shown.viewerSessionVersion}.`,
    () => ask('/_/revoke', { channelArn, viewerId: shown.viewerId,
      version: Math.min(shown.viewerSessionVersion, 2 ** 31 - 1) })));
  row.update = (session) => {
    shown = session;
    put(viewer, session.viewerId ?? 'no viewer id');
    put(id, `version ${session.viewerSessionVersion}, session ` +
      `${session.session}…${session.maximumResolution
        ? `, at most ${session.maximumResolution}` : ''}`);
    put(channel, nameOf(channelOf(channelArn) ?? { arn: channelArn }));
    put(age, duration(state.now_s - session.started_s));
    put(alive, session.revoked ? 'revoked'
      : `${duration(session.expires_s - state.now_s)} left`,
    session.revoked ? 'bad' : '');
    button.hidden = session.viewerId === null;
    button.disabled = session.revoked;
    button.setAttribute('aria-label', `Revoke ${session.viewerId}`);
  };
  return row;
}

function refusalRow(refusal) {
  return el('li', {},
    el('span', { className: 'bad',
      textContent: `${refusal.status} ${refusal.reason ?? ''} ` }),
    refusal.message ?? '',
    el('span', { className: 'sub mono', textContent:
      `${clock(refusal.now_s)} ${refusal.method} ${refusal.path}` }));
}

function keyRow() {
  const name = el('span');
  const print = el('span', { className: 'sub mono' });
  const row = el('li', {}, name, print);
  row.update = (pair) => {
    const ours = pair.fingerprint === state.mintKey?.fingerprint;
    put(name, `${pair.name || idOf(pair.arn)}${ours
      ? ' – tokens are minted with this one' : ''}`);
    put(print, pair.fingerprint);
  };
  return row;
}

function showKey() {
  const print = state.mintKey?.fingerprint;
  const pair = state.keyPairs.find((p) => p.fingerprint === print);
  const line = $('key-line');
  if (print !== undefined && state.scope === null)
    put(line, `The key ${print} is there to sign with.`, 'note');
  else if (print === undefined)
    put(line, 'There is no key to mint with: start ivs-emulator with ' +
      '--mint-key FILE. Tokens made elsewhere can be played.', 'warn');
  else if (pair === undefined)
    put(line, `The key ${print} is not imported into this account and ` +
      'region: its tokens are refused.', 'warn');
  else
    put(line, `Signed with the key pair ${pair.name || idOf(pair.arn)}.`,
      'note');
  $('import-key').hidden = print === undefined || pair !== undefined ||
    state.scope === null;
  for (const button of document.querySelectorAll('#mint-form button'))
    button.disabled = print === undefined || chosen.channel === '';
}

const scopeText = ({ account, region }) => `${account}/${region}`;

// A refusal in another account or region is no part of what is shown; one that
// is in none may be about anything.
const isShown = ({ account, region }) => account === undefined ||
  (state.scope !== null && scopeText({ account, region }) ===
    scopeText(state.scope));

function showScopes() {
  const select = $('scope');
  const scopes = state.scopes.map(scopeText);
  if (state.scope !== null && !scopes.includes(scopeText(state.scope)))
    scopes.unshift(scopeText(state.scope));
  sync(select, scopes, (text) => text,
    (text) => el('option', { value: text, textContent: text }));
  if (state.scope !== null)
    select.value = scopeText(state.scope);
  select.parentElement.hidden = scopes.length === 0;
}

function show() {
  if ($('version').textContent === '')
    offerEngines();
  put($('version'), state.version);
  showScopes();
  if (!state.channels.some((c) => c.arn === chosen.channel))
    chosen.channel = state.channels[0]?.arn ?? '';
  showChosen();
  $('empty').hidden = state.channels.length > 0;
  sync($('channel-rows'), state.channels, (c) => c.arn, channelRow);
  sync($('session-rows'), state.sessions,
    (s) => `${s.session} ${s.started_s}`, sessionRow);
  sync($('key-rows'), state.keyPairs, (p) => p.arn, keyRow);
  sync($('refusal-rows'), refusals.filter(isShown), (r) => r.number, refusalRow);
  $('channel-pages').hidden = !state.channelsNext && !pages.channelsAfter;
  $('session-pages').hidden = !state.sessionsNext && !pages.sessionsBefore;
  showKey();
}

function take(log) {
  if (log.latest < latest) { // another emulator has taken its place
    refusals = [];
    latest = 0;
    return;
  }
  latest = log.latest;
  refusals = log.requests.filter((r) => r.status >= 400).reverse()
    .concat(refusals).slice(0, REFUSALS_MAX);
}

// ---- asking once a second ----

// Only what is said once in a while is read out; the time is beside it.
function connection(text, className, now) {
  put($('connection'), text, className);
  put($('now'), now);
}

let asking = 0;
async function poll() {
  asking += 1;
  const mine = asking;
  const query = new URLSearchParams(pages);
  const [account, region] = chosen.scope.split('/');
  if (region !== undefined) {
    query.set('account', account);
    query.set('region', region);
  }
  try {
    const [next, log] = await Promise.all(
      [ask(`/_/state?${query}`),
        ask(`/_/requests?after=${latest}`)]);
    if (mine !== asking)
      return; // an answer of before is on its way after ours
    state = { channels: [], keyPairs: [], sessions: [], ...next };
    take(log);
    show();
    explain();
    connection('Connected', 'good', clock(state.now_s));
  } catch {
    if (mine === asking)
      lost();
  }
}

// What was fetched already is played to its end.
function lost() {
  connection('The emulator does not answer', 'bad', state.now_s === undefined
    ? '' : `– this is how it was at ${clock(state.now_s)}`);
  if (playing !== null && video.readyState < video.HAVE_FUTURE_DATA)
    failed(GONE);
}

(async () => {
  for (;;) {
    if (!document.hidden)
      await poll();
    await new Promise((resolve) => {
      setTimeout(resolve, POLL_MS);
      document.addEventListener('visibilitychange', resolve, { once: true });
    });
  }
})();

// ---- the player ----

let hls = null;
let playing = null; // what is or was played

function loadHls() {
  if (window.Hls !== undefined)
    return Promise.resolve();
  return new Promise((resolve, reject) => {
    document.head.append(el('script', { src: 'hls.js', onload: resolve,
      onerror: () => reject(new Error('hls.js cannot be loaded')) }));
  });
}

function halt(text, className = '') {
  hls?.destroy();
  hls = null;
  video.removeAttribute('src');
  video.load();
  put($('play-state'), text, className);
}

function end(text) {
  playing.ended = true;
  halt('stopped', 'bad');
  put($('play-error'), text, 'bad');
}

function failed(text) {
  if (playing === null || playing.ended)
    return;
  end(text);
  poll(); // which may tell why
}

// The playback session is in the addresses that the player asks for.
new PerformanceObserver((list) => {
  for (const { name, startTime } of list.getEntries()) {
    const session = /\/v1\/[a-z]+\/([0-9a-f]{32})/.exec(name)?.[1];
    if (playing !== null && startTime >= playing.started_ms && session)
      playing.session = session;
  }
}).observe({ type: 'resource' });

// The emulator's own words about what was asked for. A browser that plays by
// itself goes on trying after a refusal, so this is also what stops it.
function explain() {
  if (playing === null || playing.explained)
    return;
  const { number, path, session } = playing;
  const why = refusals.find((r) => r.number > number && (session === null
    ? r.path.startsWith(path)
    : r.path.startsWith('/v1/') && r.path.includes(session)));
  if (why === undefined)
    return;
  playing.explained = true;
  end(`${why.status} ${why.reason ?? ''}: ` +
    `${why.message ?? 'no reason was noted'}`);
}

function playHls(url) {
  hls = new window.Hls({ enableWorker: false, enableID3MetadataCues: false,
    enableEmsgMetadataCues: false });
  hls.on('hlsError', (event, data) => {
    const status = data.response?.code;
    if (data.fatal || (status >= 400 && status < 500))
      failed(status ? `the emulator answered ${status}` : data.details);
  });
  hls.loadSource(url);
  hls.attachMedia(video);
}

// A playback URL of this emulator, from a token alone too.
function playable(text) {
  if (/^[\w-]*\.[\w-]*\.[\w-]*$/.test(text) && chosen.channel !== '')
    return playbackUrl(chosen.channel, text);
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol !== location.protocol || url.port !== location.port ||
      !['localhost', '127.0.0.1', location.hostname].includes(url.hostname))
    throw new Error(`expected a playback URL that begins with ` +
      `${location.origin}, or a token and a channel that is chosen`);
  return url.href;
}

// The same place under another local name: the browser sends an Origin then.
function elsewhere(url) {
  const other = new URL(url);
  other.hostname = other.hostname === 'localhost' ? '127.0.0.1' : 'localhost';
  return other.href;
}

async function load() {
  const { url, engine, origin } = fields('play-form');

  halt('loading');
  put($('play-error'), 'none', '');
  const given = playable(url.value.trim());
  const source = origin.checked ? elsewhere(given) : given;
  playing = { source, ended: false, explained: false, session: null,
    number: latest, path: new URL(source).pathname,
    started_ms: performance.now(), retries: 5 };
  const mine = playing;
  video.crossOrigin = origin.checked ? 'anonymous' : null;
  if (engine.value === 'native') {
    video.src = source;
  } else {
    await loadHls();
    if (mine !== playing)
      return;
    playHls(source);
  }
  video.play().catch(() => {}); // its errors come as events, too
}

async function play() {
  playing = null;
  try {
    await load();
  } catch (error) {
    playing = null;
    halt('stopped', 'bad');
    put($('play-error'), error.message, 'bad');
  }
}

function showPlayback() {
  const { videoWidth, videoHeight } = video;
  const level = hls?.levels[hls.currentLevel];
  put($('play-position'), video.currentTime > 0
    ? duration(video.currentTime) : '–');
  put($('play-resolution'), videoHeight > 0
    ? `${videoWidth} × ${videoHeight}` : '–');
  put($('play-level'), level === undefined ? '–'
    : `${level.attrs.VIDEO ?? `${level.height}p`}, ` +
      `${Math.round(level.bitrate / 1000)} kbit/s`);
}

for (const event of ['timeupdate', 'resize', 'emptied'])
  video.addEventListener(event, showPlayback);
for (const [event, text, className] of [['playing', 'playing', 'good'],
  ['waiting', 'waiting for data', 'warn'], ['pause', 'paused', '']]) {
  video.addEventListener(event, () => {
    if (playing !== null && !playing.ended)
      put($('play-state'), text, className);
  });
}
// A browser gives up on a stream that has just begun and holds no video yet.
// Asking again takes the token again, which one that admits once forbids.
function retry(mine) {
  if (mine !== playing || mine.ended)
    return;
  video.src = mine.source;
  video.play().catch(() => {});
}

function admitsOnce(url) {
  try {
    const payload = new URL(url).searchParams.get('token').split('.')[1];
    return 'aws:single-use-uuid' in JSON.parse(atob(
      payload.replaceAll('-', '+').replaceAll('_', '/')));
  } catch {
    return false;
  }
}

video.addEventListener('error', async () => {
  const mine = playing;
  if (!video.hasAttribute('src') || hls !== null || mine === null)
    return;
  const message = video.error.message || 'the browser cannot play this';
  await poll(); // which may tell of a refusal
  if (mine !== playing || mine.ended)
    return;
  if (mine.session === null || mine.retries === 0 || admitsOnce(mine.source)) {
    end(message);
    return;
  }
  mine.retries -= 1;
  put($('play-state'), 'waiting for the first video', 'warn');
  setTimeout(retry, RETRY_MS, mine);
});
video.addEventListener('ended', () => {
  playing = null;
  halt('the stream ended');
});

$('play-form').addEventListener('submit', (event) => {
  event.preventDefault();
  play();
});
$('stop').addEventListener('click', () => {
  playing = null;
  halt('nothing is played');
});

function offerEngines() {
  const { engine } = fields('play-form');
  const native = video.canPlayType(HLS_TYPE) !== '';
  const note = [];
  if (!native) {
    engine.querySelector('[value="native"]').disabled = true;
    engine.value = 'hlsjs';
    note.push('This browser plays no HLS of its own.');
  }
  if (!state.hlsjs) {
    engine.querySelector('[value="hlsjs"]').disabled = true;
    engine.value = 'native';
    note.push('hls.js was not there when ivs-emulator was built: only a ' +
      'browser with HLS of its own can play.');
  }
  $('play-form').querySelector('.main').disabled = !native && !state.hlsjs;
  put($('engine-note'), note.join(' '));
  $('engine-note').hidden = note.length === 0;
}

// ---- forms ----

$('scope').addEventListener('change', () => {
  chosen.scope = $('scope').value;
  pages.channelsAfter = pages.sessionsBefore = 0;
  history.replaceState(null, '', `#${chosen.scope}`);
  poll();
});

for (const [id, place, next] of [
  ['channel-pages', 'channelsAfter', 'channelsNext'],
  ['session-pages', 'sessionsBefore', 'sessionsNext']]) {
  $(id).addEventListener('click', ({ target }) => {
    pages[place] = target.dataset.page === 'next' ? state[next] ?? 0 : 0;
    poll();
  });
}

$('channel-form').addEventListener('submit', (event) => {
  event.preventDefault();
  const { name, region } = fields('channel-form');
  const scope = { account: state.scope?.account ?? '000000000000',
    region: region.value };
  attempt('channel-status', 'The channel is made.', async () => {
    const { channel } = await ask('/_/channels', { ...scope,
      name: name.value });
    chosen.scope = scopeText(scope);
    chosen.channel = channel.arn;
    name.value = '';
  });
});

$('import-key').addEventListener('click', () => attempt('mint-status',
  'The key pair is imported.', () => ask('/_/mint-key', state.scope)));

function claims() {
  const form = fields('mint-form');
  const all = { 'aws:channel-arn': chosen.channel };
  if (form.viewerId.value !== '')
    all['aws:viewer-id'] = form.viewerId.value;
  if (form.version.value !== '')
    all['aws:viewer-session-version'] = Number(form.version.value);
  if (form.origins.value.trim() !== '')
    all['aws:access-control-allow-origin'] = form.origins.value;
  if (form.strict.checked)
    all['aws:strict-origin-enforcement'] = true;
  if (form.single.checked)
    all['aws:single-use-uuid'] = crypto.randomUUID();
  if (form.resolution.value !== '')
    all['aws:maximum-resolution'] = form.resolution.value;
  return all;
}

function findingRow({ severity, code, message }) {
  const className = { error: 'bad', warning: 'warn' }[severity] ?? 'sub';
  return el('li', {},
    el('span', { className, textContent: `${severity} ${code}: ` }), message);
}

$('mint-form').addEventListener('submit', (event) => {
  event.preventDefault();
  const arn = chosen.channel;
  attempt('mint-status', 'Minted.', async () => {
    const minted = await ask('/_/mint', { claims: claims(),
      ttl_s: Number(fields('mint-form').ttl.value) });
    $('minted-token').value = minted.token;
    $('minted-url').value = playbackUrl(arn, minted.token);
    $('notices').replaceChildren(...minted.notices.map(findingRow));
    $('minted').hidden = false;
    fields('play-form').url.value = $('minted-url').value;
    if (event.submitter?.value === 'play')
      await play();
  });
});

for (const button of document.querySelectorAll('[data-copy]')) {
  button.addEventListener('click', async () => {
    const field = $(button.dataset.copy);
    field.select();
    await navigator.clipboard?.writeText(field.value).then(() => {
      put($('mint-status'), 'Copied.', 'status');
    }, () => put($('mint-status'), 'Selected: copy it with the keyboard.',
      'status'));
  });
}

// A claim, and for times what they are.
function factRows([name, value]) {
  let text = typeof value === 'string' ? value : JSON.stringify(value);
  if (['exp', 'iat', 'nbf'].includes(name) && Number.isInteger(value)) {
    const left = value - state.now_s;
    const time = new Date(value * 1000);
    text += ` (${isNaN(time) ? 'beyond any calendar' : time.toLocaleString()}` +
      `, ${left > 0 ? `in ${left} s` : `${-left} s ago`})`;
  }
  return [el('dt', { textContent: name }), el('dd', { textContent: text })];
}

function facts(list, object) {
  list.replaceChildren(...(object === null
    ? [el('dd', { textContent: 'does not decode', className: 'bad' })]
    : Object.entries(object).flatMap(factRows)));
}

$('inspect-form').addEventListener('submit', (event) => {
  event.preventDefault();
  const text = fields('inspect-form').token.value.trim();
  const token = /[?&]token=([^&#]*)/.exec(text)?.[1] ?? text;
  attempt('inspect-status', 'Not verified: nobody has checked the signature.',
    async () => {
      const found = await ask('/_/inspect', { token });
      facts($('inspected-header'), found.header);
      facts($('inspected-claims'), found.claims);
      $('findings').replaceChildren(...(found.findings.length > 0
        ? found.findings.map(findingRow)
        : [el('li', { textContent: 'none' })]));
      $('inspected').hidden = false;
    });
});

put($('endpoint'), `AWS_ENDPOINT_URL_IVS=${location.origin}`);
