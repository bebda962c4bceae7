import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PastTrimmer } from '../../lib/past-trimmer.js';

test('the past is cut at a key frame, ten seconds behind and not too often', () => {
  const trimmer = new PastTrimmer();
  for (const key of [0, 8, 15, 25]) trimmer.keyFrameAt(key);
  assert.deepEqual(trimmer.plan({ time: 19, start: 0, hasVideo: true }), { needsKeyFrame: false });
  assert.equal(trimmer.plan({ time: 27, start: 0, hasVideo: true }).removeTo, 15);
  assert.equal(trimmer.plan({ time: 28, start: 15, hasVideo: true }).removeTo, undefined);
});

test('without a key frame nothing is cut, and one is asked for at last', () => {
  const trimmer = new PastTrimmer();
  trimmer.keyFrameAt(0);
  assert.deepEqual(trimmer.plan({ time: 59, start: 0, hasVideo: true }), { needsKeyFrame: false });
  assert.deepEqual(trimmer.plan({ time: 60, start: 0, hasVideo: true }), { needsKeyFrame: true });
});

test('sound alone can be cut anywhere', () => {
  const plan = new PastTrimmer().plan({ time: 30, start: 0, hasVideo: false });
  assert.deepEqual(plan, { removeTo: 20, needsKeyFrame: false });
});

test('half an hour with a key frame a minute holds no more than a minute and a half', () => {
  const trimmer = new PastTrimmer();
  let start = 0;
  let most = 0;
  let asked = 0;
  trimmer.keyFrameAt(0);
  for (let time = 0; time <= 1800; time += 0.25) {
    const { removeTo, needsKeyFrame } = trimmer.plan({ time, start, hasVideo: true });
    if (removeTo !== undefined) start = removeTo;
    if (needsKeyFrame) {
      asked += 1;
      trimmer.keyFrameAt(time);
    }
    most = Math.max(most, time - start);
  }
  assert.ok(most <= 90, `held ${most} s`);
  assert.ok(asked <= 30, `asked ${asked} times`);
});
