import assert from 'node:assert/strict';
import { test } from 'node:test';
import { httpUrl, socketUrl } from '../../lib/agent-address.js';

test('a route keeps the path of the base and gets its query encoded', () => {
  assert.equal(
    httpUrl('http://127.0.0.1:7117/behind', 'api/call/mode', { access_token: 'a b&c', none: undefined }),
    'http://127.0.0.1:7117/behind/api/call/mode?access_token=a+b%26c',
  );
});

test('a socket is as secure as the agent is', () => {
  assert.equal(socketUrl('http://127.0.0.1:1', 'x'), 'ws://127.0.0.1:1/x');
  assert.equal(socketUrl('https://localhost', 'x'), 'wss://localhost/x');
});

test('without an address, outside a page of the agent, it says what is missing', () => {
  assert.throws(() => httpUrl('', 'x'), /agent="http/);
});

test('what is no http address is refused by name', () => {
  assert.throws(() => httpUrl('127.0.0.1:80', 'x'), /127\.0\.0\.1/);
  assert.throws(() => httpUrl('javascript:alert(1)', 'x'), /not by javascript:/);
});
