import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backoff } from '../../lib/backoff.js';
import { HeliographClient } from '../../lib/heliograph-client.js';
import { HeliographError } from '../../lib/heliograph-error.js';

// Node 18 has no CustomEvent.
globalThis.CustomEvent ??= /** @type {any} */ (
  class extends Event {
    constructor(/** @type {string} */ type, /** @type {CustomEventInit} */ init) {
      super(type, init);
      this.detail = init.detail;
    }
  }
);

const AGENT = 'http://127.0.0.1:7117';

/** @param {number} status @param {unknown} answer */
function clientAnswering(status, answer) {
  /** @type {any[]} */
  const requests = [];
  const client = new HeliographClient({
    agent: AGENT,
    token: 'secret',
    fetch: /** @type {any} */ (
      async (/** @type {string} */ url, /** @type {any} */ init) => {
        requests.push({ url, ...init });
        return new Response(typeof answer === 'string' ? answer : JSON.stringify(answer), { status });
      }
    ),
  });
  return { client, requests };
}

class FakeEventSource extends EventTarget {
  readyState = 0;
  /** @type {any} */ onopen = null;
  /** @type {any} */ onerror = null;
  constructor(/** @type {string} */ url) {
    super();
    this.url = url;
    this.addEventListener('error', (event) => this.onerror?.(event));
  }
  close() {
    this.readyState = 2;
  }
  /** @param {string} name @param {string} data */
  say(name, data) {
    this.dispatchEvent(new MessageEvent(name, { data }));
  }
}

test('starts a call with the token in the header and an unguessable channel', async () => {
  const { client, requests } = clientAnswering(200, { status: 'started', channel_id: 'x' });
  await client.start('guest', { media: { audio: true, video: false } });
  const [request] = requests;
  assert.equal(request.url, `${AGENT}/api/call/start`);
  assert.equal(request.headers.Authorization, 'Bearer secret');
  const body = JSON.parse(request.body);
  assert.match(body.channel_id, /^[0-9a-f-]{36}$/);
  assert.deepEqual([body.remote_peer, body.media], ['guest', { audio: true, video: false }]);
});

test('a flip is asked for by leaving the wish out', async () => {
  const { client, requests } = clientAnswering(200, { muted: true });
  assert.deepEqual(await client.toggleAudio('c'), { muted: true });
  assert.deepEqual(JSON.parse(requests[0].body), { channel_id: 'c' });
});

test('a recording is started, asked for and stopped', async () => {
  const { client, requests } = clientAnswering(200, { state: 'recording' });
  await client.startRecording('c', { fileName: 'ours' });
  await client.recording('c');
  await client.stopRecording('c');
  const url = `${AGENT}/api/call/session/c/recording`;
  assert.deepEqual(
    requests.map((request) => [request.method, request.url, request.body]),
    [
      ['POST', url, '{"file_name":"ours"}'],
      ['GET', url, undefined],
      ['POST', `${url}/stop`, '{}'],
    ],
  );
});

test('a channel cannot lead to another route', async () => {
  const { client, requests } = clientAnswering(200, []);
  await client.stats('../../x?y');
  assert.equal(requests[0].url, `${AGENT}/api/call/session/..%2F..%2Fx%3Fy/stats`);
});

test('a problem document becomes an error with its code, its words and what to do', async () => {
  const { client } = clientAnswering(503, {
    code: 'device_busy',
    detail: 'The camera /dev/video0 is in use.',
    hint: 'Close the other program.',
  });
  await assert.rejects(client.accept('c', 'guest'), (/** @type {any} */ error) => {
    assert.ok(error instanceof HeliographError);
    assert.deepEqual([error.code, error.status], ['device_busy', 503]);
    assert.equal(error.words, 'The camera /dev/video0 is in use. Close the other program.');
    return true;
  });
});

test('an answer that is no problem document still becomes words', async () => {
  const { client } = clientAnswering(502, '<html>Bad gateway');
  await assert.rejects(client.hangup('c'), { code: 'http_502', message: /status 502/ });
});

test('an agent that does not answer is named as such', async () => {
  const client = new HeliographClient({
    agent: AGENT,
    token: 't',
    fetch: () => Promise.reject(new TypeError('Failed to fetch')),
  });
  await assert.rejects(client.mode(), { code: 'agent_unreachable', fatal: false });
});

function listen() {
  /** @type {FakeEventSource[]} */
  const sources = [];
  const client = new HeliographClient({
    agent: AGENT,
    token: 'a b',
    fetch: () => Promise.reject(new TypeError('Failed to fetch')),
    createEventSource: (url) => {
      const source = new FakeEventSource(url);
      sources.push(source);
      return /** @type {any} */ (source);
    },
    backoff: new Backoff({ firstMs: 1 }),
  });
  client.listen();
  return { client, sources };
}

test('hands on the agent’s events, parsed', () => {
  const { client, sources } = listen();
  /** @type {any[]} */
  const seen = [];
  for (const name of ['incoming', 'ended', 'error']) {
    client.addEventListener(name, (event) => seen.push(/** @type {CustomEvent} */ (event).detail));
  }
  assert.equal(sources[0].url, `${AGENT}/api/call/events?access_token=a+b`);
  sources[0].say('incoming', '{"channel_id":"c","remote_peer":"guest","repeated":true}');
  sources[0].say('ended', 'no json');
  sources[0].say('error', '{"channel_id":"c","code":"ice_failed","detail":"No way."}');
  assert.equal(seen.length, 2);
  assert.equal(seen[0].remote_peer, 'guest');
  assert.equal(seen[0].repeated, true);
  assert.equal(seen[1].error.code, 'ice_failed');
  client.close();
});

test('an EventSource that gave up is replaced, and the loss is told in words', async () => {
  const { client, sources } = listen();
  const lost = new Promise((resolve) => client.addEventListener('connection', resolve, { once: true }));
  sources[0].readyState = 2;
  sources[0].dispatchEvent(new Event('error'));
  const { detail } = /** @type {any} */ (await lost);
  assert.deepEqual([detail.connected, detail.error.code], [false, 'agent_unreachable']);
  while (sources.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
  const back = new Promise((resolve) => client.addEventListener('connection', resolve, { once: true }));
  sources[1].onopen();
  assert.equal(/** @type {any} */ (await back).detail.connected, true);
  client.close();
});
