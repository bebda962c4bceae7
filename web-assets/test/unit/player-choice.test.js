import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leaksSound } from '../../lib/player-choice.js';

test('only WebKit on Linux is kept from decoding sound with WebCodecs', () => {
  const named = (/** @type {string} */ engine) => leaksSound(`Mozilla/5.0 (${engine}`);
  assert.ok(named('X11; Linux x86_64) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15'));
  assert.ok(!named('X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36'));
  assert.ok(!named('Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15'));
  assert.ok(!named('X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'));
});
