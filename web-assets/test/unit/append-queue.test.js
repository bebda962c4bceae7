import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppendQueue } from '../../lib/append-queue.js';

const segment = (/** @type {number} */ length, { video = true, key = false, init = false } = {}) => ({
  bytes: new Uint8Array(length),
  init,
  video,
  key,
  seconds: 0,
});

test('gives segments back in their order, and counts what waits', () => {
  const queue = new AppendQueue();
  for (const length of [3, 4]) queue.push(segment(length));
  assert.equal(queue.bytes, 7);
  assert.equal(queue.first?.bytes.length, 3);
  assert.deepEqual([queue.shift()?.bytes.length, queue.shift()?.bytes.length], [3, 4]);
  assert.equal(queue.shift(), undefined);
  assert.equal(queue.bytes, 0);
});

test('over the limit it drops up to the next key frame and says that it waits for one', () => {
  const queue = new AppendQueue({ limitBytes: 10 });
  queue.push(segment(8, { key: true }));
  assert.equal(queue.push(segment(5)), false);
  assert.equal(queue.awaitingKey, true);
  assert.equal(queue.push(segment(5)), false);
  assert.equal(queue.push(segment(6, { key: true })), true);
  assert.equal(queue.awaitingKey, false);
  assert.equal(queue.push(segment(2)), true);
  assert.equal(queue.dropped, 3);
  assert.equal(queue.shift()?.bytes.length, 6, 'what waited is gone');
});

test('sound goes on while pictures wait for a key frame', () => {
  const queue = new AppendQueue({ limitBytes: 10 });
  queue.push(segment(9));
  assert.equal(queue.push(segment(9)), false);
  assert.equal(queue.push(segment(3, { video: false, key: true })), true);
  assert.equal(queue.awaitingKey, true, 'the key flag of a sound frame opens nothing');
  assert.equal(queue.push(segment(3)), false);
});

test('an init segment is never lost: what follows cannot be read without it', () => {
  const queue = new AppendQueue({ limitBytes: 10 });
  queue.push(segment(4, { video: false, init: true }));
  queue.push(segment(6, { key: true }));
  assert.equal(queue.push(segment(1)), false);
  assert.equal(queue.first?.init, true);
  queue.push(segment(4, { video: false, init: true }));
  assert.equal(queue.awaitingKey, false, 'a key frame follows it');
});
