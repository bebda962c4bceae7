import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeyFrameGate } from '../../lib/key-frame-gate.js';

test('nothing passes before the first key frame, everything after it', () => {
  const gate = new KeyFrameGate();
  assert.deepEqual([false, true, false].map((key) => gate.admits(key)), [false, true, true]);
});

test('after a loss it waits for the next key frame', () => {
  const gate = new KeyFrameGate();
  gate.admits(true);
  gate.shut();
  assert.equal(gate.admits(false), false);
  assert.equal(gate.admits(true), true);
});

test('a key frame is asked for at most twice a second, and only while it is needed', () => {
  const gate = new KeyFrameGate();
  assert.deepEqual([0, 100, 499, 500].map((ms) => gate.shouldAsk(ms)), [true, false, false, true]);
  gate.admits(true);
  assert.equal(gate.shouldAsk(5000), false);
});
