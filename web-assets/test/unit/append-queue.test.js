import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppendQueue } from '../../lib/append-queue.js';

const segment = (/** @type {number} */ length, { video = true, key = false } = {}) => ({
  bytes: new Uint8Array(length).fill(length),
  video,
  key,
});

test('joins small segments into one append, in their order', () => {
  const queue = new AppendQueue({ joinBytes: 10 });
  for (const length of [3, 4, 5]) queue.push(segment(length));
  assert.deepEqual([...queue.take()], [3, 3, 3, 4, 4, 4, 4]);
  assert.deepEqual([...queue.take()], [5, 5, 5, 5, 5]);
  assert.equal(queue.isEmpty, true);
  assert.equal(queue.bytes, 0);
});

test('a segment larger than the join limit is appended alone', () => {
  const queue = new AppendQueue({ joinBytes: 10 });
  queue.push(segment(20));
  queue.push(segment(1));
  assert.equal(queue.take().length, 20);
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
  assert.equal(queue.dropped, 2);
  assert.equal(queue.take().length, 8);
});

test('sound goes on while pictures wait for a key frame', () => {
  const queue = new AppendQueue({ limitBytes: 10 });
  queue.push(segment(9));
  assert.equal(queue.push(segment(9)), false);
  assert.equal(queue.push(segment(3, { video: false, key: true })), true);
  assert.equal(queue.awaitingKey, true, 'the key flag of a sound frame opens nothing');
  assert.equal(queue.push(segment(3)), false);
});

test('what could not be appended comes first again', () => {
  const queue = new AppendQueue({ joinBytes: 1 });
  queue.push(segment(1));
  queue.push(segment(2));
  const first = queue.take();
  queue.giveBack(first);
  assert.equal(queue.take(), first);
});
