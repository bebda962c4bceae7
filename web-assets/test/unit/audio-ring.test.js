import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AudioRing } from '../../lib/audio-ring.js';

const RATE = 1000;

/** A ring at one sample a millisecond: frames and milliseconds are the same number. */
const ring = (options = {}) =>
  new AudioRing({ sampleRate: RATE, channels: 1, targetSeconds: 0.06, ...options });

/** @param {AudioRing} r @param {number} startMs @param {number} [frames] */
function write(r, startMs, frames = 20) {
  // The value of each sample is its time, so that what comes out can be told.
  r.write(startMs * 1000, [Float32Array.from({ length: frames }, (_, i) => startMs + i + 1)]);
}

/** @param {AudioRing} r @param {number} [frames] */
function read(r, frames = 10) {
  const output = new Float32Array(frames);
  r.read([output]);
  return output;
}

/** Plays all that is there, and one sample more. @param {AudioRing} r */
function drain(r) {
  read(r, r.bufferedFrames);
  read(r, 1);
}

test('plays nothing until the target is reached, then in order', () => {
  const r = ring();
  write(r, 0);
  write(r, 20);
  assert.deepEqual([...read(r, 2)], [0, 0]);
  assert.equal(r.isPlaying, false);
  write(r, 40);
  const heard = read(r, 10);
  assert.equal(heard[9], 10, 'the last sample of the first block is at full strength');
  assert.ok(heard[0] < 1, 'the first is faded in');
  assert.deepEqual([...read(r, 3)], [11, 12, 13]);
});

test('knows the time of what it plays next', () => {
  const r = ring();
  for (const ms of [1000, 1020, 1040]) write(r, ms);
  assert.equal(r.headMicros, 1_000_000);
  read(r, 10);
  assert.equal(r.headMicros, 1_010_000);
});

test('fades out when it runs empty, and fills up again before it goes on', () => {
  const r = ring();
  for (const ms of [0, 20, 40]) write(r, ms);
  read(r, 50);
  const last = read(r, 20);
  assert.equal(last[9], 0);
  assert.deepEqual([...last.subarray(10)], new Array(10).fill(0));
  write(r, 60);
  assert.deepEqual([...read(r, 5)], [0, 0, 0, 0, 0]);
});

test('sound that comes late raises the target; a pause of the sender does not', () => {
  const late = ring();
  for (const ms of [0, 20, 40]) write(late, ms);
  drain(late);
  write(late, 60);
  assert.equal(late.underruns, 1);
  assert.equal(late.targetFrames, 80);

  const paused = ring();
  for (const ms of [0, 20, 40]) write(paused, ms);
  drain(paused);
  write(paused, 460);
  assert.equal(paused.underruns, 0);
  assert.equal(paused.targetFrames, 60);
});

test('the target has a ceiling, and ten calm seconds lower it', () => {
  const r = ring({ ceilingSeconds: 0.1 });
  let ms = 0;
  for (let i = 0; i < 6; i++) {
    for (; r.bufferedFrames < r.targetFrames; ms += 20) write(r, ms);
    drain(r);
    write(r, ms);
    ms += 20;
  }
  assert.equal(r.targetFrames, 100);
  for (let i = 0; i < 1100; i++) {
    if (i % 2 === 0) write(r, (ms += 20) - 20);
    read(r, 10);
  }
  assert.equal(r.targetFrames, 90);
});

test('a burst is cut down to the target at once', () => {
  const r = ring();
  for (let ms = 0; ms < 300; ms += 20) write(r, ms);
  assert.ok(r.bufferedFrames <= 60 + 160);
  assert.ok(r.droppedFrames > 0);
  assert.equal(r.headMicros + r.bufferedFrames * 1000, 300_000);
});

test('a sender’s faster clock does not add up to delay', () => {
  const r = ring();
  for (const ms of [0, 20, 40]) write(r, ms);
  let ms = 60;
  // 2 % fast: 51 packets of 20 ms in each second of 100 blocks of 10 ms.
  for (let block = 0, due = 0; block < 3000; block++) {
    for (due += 0.51; due >= 1; due -= 1) write(r, (ms += 20) - 20);
    read(r, 10);
  }
  assert.ok(r.bufferedFrames < 140, `${r.bufferedFrames} ms wait`);
  assert.equal(r.underruns, 0);
});

test('a lost packet is filled with silence, so that the time goes on', () => {
  const r = ring();
  write(r, 0);
  write(r, 40);
  assert.equal(r.bufferedFrames, 60);
  assert.equal(r.silentFrames, 20);
  read(r, 10);
  const heard = read(r, 50);
  assert.deepEqual([heard[9], heard[10], heard[29], heard[30]], [20, 0, 0, 41]);
});

test('a packet that comes twice is heard once', () => {
  const r = ring();
  write(r, 0);
  write(r, 20);
  write(r, 0);
  assert.equal(r.bufferedFrames, 40);
  assert.equal(r.droppedFrames, 20);
});

test('a mono source is heard on both sides', () => {
  const r = new AudioRing({ sampleRate: RATE, channels: 2, targetSeconds: 0.01 });
  r.write(0, [new Float32Array(20).fill(0.5)]);
  const [left, right] = [new Float32Array(5), new Float32Array(5)];
  r.read([left, right]);
  assert.equal(left[4], 0.5);
  assert.equal(right[4], 0.5);
});

test('more than it can ever hold leaves the newest', () => {
  const r = ring();
  write(r, 0, 3000);
  assert.ok(r.bufferedFrames <= 220);
  assert.equal(r.headMicros + r.bufferedFrames * 1000, 3_000_000);
});
