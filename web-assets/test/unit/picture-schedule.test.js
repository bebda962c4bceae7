import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PictureSchedule } from '../../lib/picture-schedule.js';

/** @param {number} timestamp */
const picture = (timestamp) => ({
  timestamp,
  closed: false,
  close() {
    assert.equal(this.closed, false, 'closed twice');
    this.closed = true;
  },
});

test('without sound a picture is due at once', () => {
  const schedule = new PictureSchedule();
  const frame = picture(1_000_000);
  schedule.push(frame, 10);
  assert.equal(schedule.take(10, undefined)?.picture, frame);
  assert.equal(frame.closed, false, 'who shows it closes it');
});

test('with sound a picture waits until its sound is heard', () => {
  const schedule = new PictureSchedule();
  const frame = picture(1_000_000);
  schedule.push(frame, 10);
  assert.equal(schedule.take(26, 940_000), undefined);
  assert.equal(schedule.take(90, 1_000_000)?.picture, frame);
});

test('of several that are due, the newest is shown and the others are closed', () => {
  const schedule = new PictureSchedule();
  const frames = [0, 33_000, 66_000, 99_000].map(picture);
  for (const frame of frames) schedule.push(frame, 0);
  assert.equal(schedule.take(0, 70_000)?.picture, frames[2]);
  assert.deepEqual(frames.map(({ closed }) => closed), [true, true, false, false]);
  assert.equal(schedule.dropped, 2);
  assert.equal(schedule.waiting, 1);
});

test('no picture waits for ever on a clock that stands still', () => {
  const schedule = new PictureSchedule({ maxWaitMs: 600 });
  const frame = picture(9_000_000);
  schedule.push(frame, 100);
  assert.equal(schedule.take(699, 0), undefined);
  assert.equal(schedule.take(700, 0)?.picture, frame);
});

test('holds few pictures: a decoder has few buffers to lend', () => {
  const schedule = new PictureSchedule({ capacity: 2 });
  const frames = [1, 2, 3].map(picture);
  for (const frame of frames) schedule.push(frame, 0);
  assert.deepEqual(frames.map(({ closed }) => closed), [true, false, false]);
  schedule.clear();
  assert.deepEqual(frames.map(({ closed }) => closed), [true, true, true]);
});
