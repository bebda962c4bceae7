import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LiveEdge, PastTrimmer } from '../../lib/live-edge.js';

/** @param {number} time @param {import('../../lib/live-edge.js').Ranges} ranges */
const at = (time, ranges, nowMs = 0) => ({ time, ranges, nowMs });

/** A player that began long ago and has settled by time 0. */
function settled() {
  const edge = new LiveEdge();
  edge.started(-3000);
  return edge;
}

/** One look a quarter of a second, as the player does; the times at which it is to start anew. */
function watch(/** @type {LiveEdge} */ edge, /** @type {(nowMs: number) => number} */ behind, untilMs = 8000) {
  const lost = [];
  for (let nowMs = 0; nowMs <= untilMs; nowMs += 250) {
    if (!edge.isLost(at(10 - behind(nowMs), [[0, 10]], nowMs))) continue;
    lost.push(nowMs);
    edge.started(nowMs);
  }
  return lost;
}

test('half a second behind is left alone: every new start is seen', () => {
  assert.equal(settled().isLost(at(9.55, [[0, 10]])), false);
});

test('further behind, it is lost', () => {
  assert.equal(settled().isLost(at(9.4, [[0, 10]])), true);
});

test('nothing buffered is nothing to be behind of', () => {
  assert.equal(settled().isLost(at(0, [])), false);
});

test('a player that has just begun has time to settle', () => {
  const edge = new LiveEdge();
  edge.started(1000);
  assert.equal(edge.isLost(at(0, [[0, 10]], 3999)), false);
  assert.equal(edge.isLost(at(0, [[0, 10]], 4000)), true);
});

test('plays out what is left before a gap, and is lost then', () => {
  const edge = settled();
  assert.equal(edge.isLost(at(0.8, [[0, 1], [1.1, 1.2]], 0)), false);
  assert.equal(edge.isLost(at(0.98, [[0, 1], [1.1, 1.25]], 250)), true);
});

test('a clock beyond all that is buffered is lost', () => {
  assert.equal(settled().isLost(at(12, [[0, 10]])), true);
});

test('what a start under load cost is won back once, after two steady seconds', () => {
  assert.deepEqual(watch(settled(), () => 0.45), [2000], 'an engine that falls back there is left there');
});

test('one moment near the edge shows that the engine needs the rest as its buffer', () => {
  assert.deepEqual(watch(settled(), (nowMs) => (nowMs % 1000 === 0 ? 0.3 : 0.48)), []);
});

test('each start that does not last makes the next one less likely', () => {
  const edge = settled();
  assert.deepEqual(watch(edge, () => 1, 30_000), [0, 3000, 8000]);
  assert.ok(edge.tolerance > 1);
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
