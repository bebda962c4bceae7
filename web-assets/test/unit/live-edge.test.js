import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LiveEdge, PastTrimmer } from '../../lib/live-edge.js';

/** @param {number} time @param {import('../../lib/live-edge.js').Ranges} ranges */
const at = (time, ranges, nowMs = 0, seeking = false) => ({ time, ranges, nowMs, seeking });

test('half a second behind is left alone: every seek is seen', () => {
  assert.equal(new LiveEdge().seekTarget(at(9.55, [[0, 10]])), undefined);
});

test('further behind, it seeks once to just before the newest picture', () => {
  const edge = new LiveEdge();
  assert.equal(edge.seekTarget(at(9.4, [[0, 10]], 1000)), 9.8);
  assert.equal(edge.seekTarget(at(9.4, [[0, 10]], 1100)), undefined, 'the first seek takes its time');
});

test('never seeks while a seek is under way or nothing is buffered', () => {
  assert.equal(new LiveEdge().seekTarget(at(0, [[0, 10]], 0, true)), undefined);
  assert.equal(new LiveEdge().seekTarget(at(0, [])), undefined);
});

test('a stream that begins after the clock is entered where it begins', () => {
  assert.equal(new LiveEdge().seekTarget(at(0, [[5, 5.1]])), 5);
});

test('plays out what is left before a gap, then goes over it', () => {
  const edge = new LiveEdge();
  assert.equal(edge.seekTarget(at(0.8, [[0, 1], [1.1, 1.2]], 0)), undefined);
  assert.equal(edge.seekTarget(at(0.98, [[0, 1], [1.1, 1.25]], 200)), 1.1);
});

test('a clock beyond all that is buffered comes back', () => {
  assert.equal(new LiveEdge().seekTarget(at(12, [[0, 10]])), 9.8);
});

test('an engine that needs many seeks is allowed a longer buffer', () => {
  const edge = new LiveEdge();
  for (let i = 0; i < 4; i++) edge.seekTarget(at(0, [[0, 10]], i * 1000));
  assert.equal(edge.tolerance, 0.75);
  assert.equal(edge.seekTarget(at(9.3, [[0, 10]], 9000)), undefined);
});

test('what a start under load cost is won back once, by a seek after two steady seconds', () => {
  const edge = new LiveEdge();
  const seeks = [];
  for (let nowMs = 0; nowMs <= 8000; nowMs += 250) {
    const end = 10 + nowMs / 1000;
    const target = edge.seekTarget(at(end - 0.45, [[0, end]], nowMs));
    if (target !== undefined) seeks.push([nowMs, Math.round((end - target) * 10) / 10]);
  }
  assert.deepEqual(seeks, [[2000, 0.2]], 'an engine that falls back there again is left there');
});

test('one moment near the edge shows that the engine needs the rest as its buffer', () => {
  const edge = new LiveEdge();
  for (let nowMs = 0; nowMs <= 8000; nowMs += 250) {
    const behind = nowMs % 1000 === 0 ? 0.3 : 0.48;
    assert.equal(edge.seekTarget(at(10 - behind, [[0, 10]], nowMs)), undefined);
  }
});

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
