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

/**
 * Pictures of 30 a second, decoded at once, and a display of 60: how far each that is shown is ahead of
 * its sound, in milliseconds.
 * @param {PictureSchedule} schedule
 * @param {{from?: number, until: number, soundDelayMs: (nowMs: number) => number | undefined}} options
 */
function show(schedule, { from = 0, until, soundDelayMs }) {
  const shown = [];
  for (let tick = Math.round(from / 16.7); tick * 16.7 < until; tick++) {
    const nowMs = tick * 16.7;
    if (tick % 2 === 0) schedule.push(picture(nowMs * 1000), nowMs);
    const delayMs = soundDelayMs(nowMs);
    const heardMicros = delayMs === undefined ? undefined : (nowMs - delayMs) * 1000;
    const due = schedule.take(nowMs, heardMicros);
    if (!due) continue;
    due.picture.close();
    const timeMs = due.picture.timestamp / 1000;
    shown.push({ nowMs, lagMs: nowMs - timeMs, aheadMs: delayMs === undefined ? NaN : timeMs - nowMs + delayMs });
  }
  return shown;
}

test('the first picture does not wait for its sound', () => {
  const schedule = new PictureSchedule();
  const frame = picture(1_000_000);
  schedule.push(frame, 10);
  assert.equal(schedule.take(10, 800_000)?.picture, frame);
});

test('pictures fall in step with a sound that begins later, without standing still', () => {
  const schedule = new PictureSchedule();
  const soundDelayMs = (/** @type {number} */ nowMs) => (nowMs < 500 ? undefined : 120);
  const shown = show(schedule, { until: 3000, soundDelayMs });
  const pauses = shown.slice(1).map(({ nowMs }, i) => nowMs - shown[i].nowMs);
  assert.ok(Math.max(...pauses) < 52, `stood still for ${Math.max(...pauses)} ms`);
  for (const { aheadMs } of shown.filter(({ nowMs }) => nowMs > 1300)) {
    assert.ok(Math.abs(aheadMs) <= 20, `${aheadMs} ms ahead of the sound`);
  }
  assert.equal(schedule.dropped, 0);
});

test('a clock of the sound that is read unsteadily does not make pictures stumble', () => {
  const schedule = new PictureSchedule();
  const soundDelayMs = (/** @type {number} */ nowMs) => 100 + ((nowMs * 7) % 20) - 10;
  const shown = show(schedule, { until: 5000, soundDelayMs }).filter(({ nowMs }) => nowMs > 1000);
  assert.ok(shown.length > 115, `${shown.length} of 120 pictures`);
  assert.ok(Math.max(...shown.map(({ lagMs }) => Math.abs(lagMs - 100))) < 25);
});

test('when the sound is gone pictures are shown at once again', () => {
  const schedule = new PictureSchedule();
  show(schedule, { until: 2000, soundDelayMs: () => 120 });
  const shown = show(schedule, { from: 2000, until: 2500, soundDelayMs: () => undefined });
  assert.equal(shown.at(-1)?.lagMs, 0);
});

test('pictures far behind their sound catch up at once', () => {
  const schedule = new PictureSchedule();
  const shown = [0, 300].map((heardMs) => {
    schedule.push(picture(heardMs * 1000), heardMs);
    schedule.push(picture(heardMs * 1000 + 1), heardMs);
    return schedule.take(heardMs + 400, heardMs * 1000 + 1)?.picture.timestamp;
  });
  assert.deepEqual(shown, [1, 300_001]);
});

test('a time that begins anew is shown at once', () => {
  const schedule = new PictureSchedule();
  show(schedule, { until: 2000, soundDelayMs: () => 120 });
  schedule.push(picture(0), 2010);
  assert.equal(schedule.take(2010, 1_900_000)?.picture.timestamp, 0);
});

test('of several that are due, the newest is shown and the others are closed', () => {
  const schedule = new PictureSchedule();
  const frames = [0, 33_000, 66_000, 99_000].map(picture);
  schedule.push(picture(-1), 0);
  schedule.take(0, 0)?.picture.close();
  for (const frame of frames) schedule.push(frame, 0);
  assert.equal(schedule.take(66, 66_000)?.picture, frames[2]);
  assert.deepEqual(frames.map(({ closed }) => closed), [true, true, false, false]);
  assert.equal(schedule.dropped, 2);
  assert.equal(schedule.waiting, 1);
});

test('no picture waits for ever on a clock that stands still', () => {
  const schedule = new PictureSchedule({ maxWaitMs: 600 });
  schedule.push(picture(0), 0);
  schedule.take(0, 0);
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
