import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEnvelope } from '../../remote/envelope.js';

/** @param {unknown} payload @param {object} [more] */
const text = (payload, more = {}) =>
  JSON.stringify({ channel_id: 'c', from: 'agent', to: 'guest', payload, ...more });

test('every payload of the protocol is read', () => {
  for (const payload of [
    { type: 'call-request', media: { audio: true, video: false } },
    { type: 'call-request' },
    { type: 'call-ack' },
    { type: 'call-offer', sdp: 'v=0' },
    { type: 'call-answer', sdp: 'v=0' },
    { type: 'ice-candidate', candidate: { candidate: 'candidate:1', sdpMid: '0' } },
    { type: 'ice-candidate', candidate: null },
    { type: 'call-hangup', reason: 'busy' },
    { type: 'call-error', code: 'unexpected', message: 'No.' },
  ]) {
    assert.deepEqual(/** @type {any} */ (readEnvelope(text(payload)))?.payload, payload);
  }
});

test('a refusal of the rendezvous is told apart', () => {
  const refusal = { type: 'error', code: 'peer_unreachable', message: 'Nobody is here.', channel_id: 'c' };
  assert.deepEqual(readEnvelope(JSON.stringify(refusal)), refusal);
});

test('what is malformed is nothing', () => {
  for (const bad of [
    'no json',
    'null',
    '[]',
    '"text"',
    text({ type: 'call-offer' }),
    text({ type: 'call-offer', sdp: 7 }),
    text({ type: 'call-request', media: { audio: 1, video: true } }),
    text({ type: 'call-request', media: [] }),
    text({ type: 'ice-candidate' }),
    text({ type: 'ice-candidate', candidate: {} }),
    text({ type: 'toString' }),
    text({ type: 'unknown' }),
    text(null),
    text([]),
    text({ type: 'call-ack' }, { from: '' }),
    text({ type: 'call-ack' }, { channel_id: 7 }),
    text({ type: 'call-ack' }, { to: undefined }),
  ]) {
    assert.equal(readEnvelope(bad), undefined, bad);
  }
});

test('somebody else’s words come as they can be shown', () => {
  const acting = '\u001b[2J\u0007\u009b31m\u202egnp.\u2066\u2028\u2029\r\n\u0000\u200b\ud800';
  for (const [type, field] of [['call-hangup', 'reason'], ['call-error', 'message'], ['call-error', 'code']]) {
    const read = /** @type {any} */ (readEnvelope(text({ type, [field]: `<b>${acting}</b> 👨‍👩‍👧 می‌خواهم` })));
    assert.match(read.payload[field], /^<b>[^\p{Cc}\u202e\u2066\u200b\p{Zl}\p{Zp}\p{Cs}]*<\/b> 👨‍👩‍👧 می‌خواهم$/u);
    assert.equal(/** @type {any} */ (readEnvelope(text({ type, [field]: 7 }))).payload[field], undefined);
    assert.equal(
      /** @type {any} */ (readEnvelope(text({ type, [field]: 'x'.repeat(100_000) }))).payload[field].length, 256);
  }
  const refusal = JSON.stringify({ type: 'error', code: 'x', message: `<i>${acting}` });
  assert.match(/** @type {any} */ (readEnvelope(refusal)).message, /^<i>[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u);
});

test('a name that would act where it is shown is none', () => {
  for (const from of ['a\u202eb', '\u001b[2J', 'a\nb', 'x\u2028']) {
    assert.equal(readEnvelope(text({ type: 'call-request' }, { from })), undefined);
  }
});
