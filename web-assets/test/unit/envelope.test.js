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
