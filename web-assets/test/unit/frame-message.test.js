import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFrameMessage, writeFrameMessage } from '../../lib/frame-message.js';

test('reads the header that docs/media-protocol.md gives', () => {
  const bytes = Uint8Array.of(2, 1, 0, 0, 0, 0, 0, 0, 0x07, 0x5b, 0xcd, 0x15, 0xaa, 0xbb);
  const frame = readFrameMessage(bytes.buffer);
  assert.equal(frame.track, 2);
  assert.equal(frame.key, true);
  assert.equal(frame.timestamp, 123456789);
  assert.deepEqual([...frame.payload], [0xaa, 0xbb]);
});

test('ignores the flags that are not in use yet', () => {
  const bytes = Uint8Array.of(1, 0xfe, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9);
  assert.equal(readFrameMessage(bytes.buffer).key, false);
});

test('a picture of the past is marked as one', () => {
  const payload = Uint8Array.of(9);
  const message = writeFrameMessage({ track: 1, key: true, past: true, timestamp: 0, payload });
  assert.deepEqual([...new Uint8Array(message, 0, 2)], [1, 3]);
  const { key, past, madeUp } = readFrameMessage(message);
  assert.deepEqual({ key, past, madeUp }, { key: true, past: true, madeUp: false });
});

test('samples in the place of lost ones are marked as such', () => {
  const payload = Uint8Array.of(9);
  const message = writeFrameMessage({ track: 2, key: false, madeUp: true, timestamp: 0, payload });
  assert.deepEqual([...new Uint8Array(message, 0, 2)], [2, 4]);
  const { key, past, madeUp } = readFrameMessage(message);
  assert.deepEqual({ key, past, madeUp }, { key: false, past: false, madeUp: true });
});

test('keeps a time stamp beyond 32 bits', () => {
  const timestamp = 7 * 24 * 3600 * 1e6;
  const message = writeFrameMessage({ track: 1, key: false, timestamp, payload: Uint8Array.of(1) });
  assert.equal(readFrameMessage(message).timestamp, timestamp);
});

test('refuses a message without a frame', () => {
  assert.throws(() => readFrameMessage(new ArrayBuffer(12)), RangeError);
  assert.throws(() => readFrameMessage(new ArrayBuffer(0)), RangeError);
});
