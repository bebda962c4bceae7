import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fetchIceServers } from '../../remote/ice-servers.js';

/** A request that is answered with this, and what it was. @param {number} status @param {string} body */
function answering(status, body) {
  /** @type {{url: string, headers: any}[]} */ const requests = [];
  const request = /** @type {any} */ (
    async (/** @type {string} */ url, /** @type {any} */ { headers }) => {
      requests.push({ url, headers });
      return new Response(body, { status });
    }
  );
  return { requests, request };
}

const SERVERS = [
  { urls: ['stun:stun.example.org'] },
  { urls: ['turns:turn.example.org'], username: '1:guest', credential: 'secret' },
];

test('asks with the invitation, whose token is in no address', async () => {
  const { requests, request } = answering(200, JSON.stringify({ iceServers: SERVERS }));
  assert.deepEqual(await fetchIceServers('Ann B', 'token', request), SERVERS);
  assert.deepEqual(requests, [{ url: '../ice?peer=Ann+B', headers: { Authorization: 'Bearer token' } }]);
});

test('a refusal is told in its own words', async () => {
  const { request } = answering(401, JSON.stringify({ detail: 'The invitation is not valid for this name.' }));
  await assert.rejects(fetchIceServers('ann', 'x', request), /The invitation is not valid/);
  await assert.rejects(fetchIceServers('ann', 'x', answering(502, 'oops').request), /it answers 502/);
});

test('what is no list of servers is not handed on', async () => {
  for (const body of ['', 'null', '[]', '{}', '{"iceServers":{}}', '{"iceServers":[{"urls":[1]}]}',
    '{"iceServers":[{"urls":["turn:x"],"credential":7}]}', '{"iceServers":[null]}']) {
    await assert.rejects(fetchIceServers('ann', 'x', answering(200, body).request), /not understood/, body);
  }
});
