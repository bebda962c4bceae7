import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LiveEdge } from '../../lib/live-edge.js';

const SETTLED_MS = 800;

/** A player that shows its first at such a time that it has settled at time 0. */
function settled() {
  const edge = new LiveEdge();
  edge.started(-SETTLED_MS);
  return edge;
}

/** @param {LiveEdge} edge @param {number} time @param {import('../../lib/live-edge.js').Ranges} ranges */
const look = (edge, time, ranges, nowMs = 0) => edge.look({ time, ranges, nowMs });

/**
 * Fed fifty times and looked at four times a second. Every cut shortens what it is behind, every new
 * start brings it back to a tenth of a second.
 * @param {LiveEdge} edge
 * @param {(nowMs: number) => number} ahead what the network makes of it, in seconds
 */
function watch(edge, ahead, { fromMs = 0, untilMs = 8000 } = {}) {
  const cuts = /** @type {[number, number][]} */ ([]);
  const lost = /** @type {number[]} */ ([]);
  let won = 0;
  for (let nowMs = fromMs; nowMs <= untilMs; nowMs += 20) {
    const behind = Math.max(0, ahead(nowMs) - won);
    edge.sample(behind, nowMs);
    if (nowMs % 250 >= 20) continue;
    const advice = look(edge, 10 - behind, [[0, 10]], nowMs);
    if (advice.lost) {
      lost.push(nowMs);
      won = ahead(nowMs) - 0.1;
      edge.started(nowMs + 200);
    } else if (advice.cut > 0) {
      cuts.push([nowMs, Math.round(advice.cut * 1000)]);
      won += advice.cut;
    }
  }
  return { cuts, lost };
}

test('what was never needed in two seconds is cut, once', () => {
  const { cuts, lost } = watch(settled(), () => 0.3);
  assert.deepEqual(cuts, [[2000, 220]]);
  assert.deepEqual(lost, []);
});

test('what a standstill has left behind is cut, though there was nothing while it lasted', () => {
  const edge = settled();
  edge.stalled(0, 100);
  const { cuts } = watch(edge, (nowMs) => (nowMs < 500 ? 0 : 0.4));
  assert.deepEqual(cuts, [[2760, 280]]);
});

test('what jitter needs now and then is left', () => {
  const jittery = (/** @type {number} */ nowMs) => (nowMs % 1000 === 0 ? 0.1 : 0.35);
  assert.deepEqual(watch(settled(), jittery).cuts, []);
});

test('what an engine still had when it stopped is never reckoned as a reserve again', () => {
  const edge = settled();
  edge.stalled(0.095, 1000);
  for (let nowMs = 1000; nowMs < 600_000; nowMs += 1000) look(edge, 9.9, [[0, 10]], nowMs);
  assert.ok(Math.abs(edge.reserve - 0.135) < 1e-9, `${edge.reserve}`);
});

test('what comes late now and then is not cut away while all comes early', () => {
  const edge = settled();
  const late = (/** @type {number} */ ms) => (ms % 8000 > 5000 && ms % 8000 < 7200 ? 0.06 : 0);
  const behind = (/** @type {number} */ ms) => 0.17 - late(ms);
  const cuts = [];
  for (let nowMs = 0; nowMs <= 24_000; nowMs += 20) {
    edge.arrived('video', nowMs / 1000 - late(nowMs), nowMs);
    edge.sample(behind(nowMs), nowMs);
    const advice = look(edge, 10 - behind(nowMs), [[0, 10]], nowMs);
    if (!advice.lost && advice.cut > 0) cuts.push([nowMs, advice.cut]);
  }
  // As long as nothing has come late nobody can know of it; once it has, what it needs is not cut.
  assert.ok(
    cuts.every(([nowMs]) => nowMs < 5000),
    `${cuts}`,
  );
});

test('sound that always comes earlier than its picture keeps nothing', () => {
  const edge = settled();
  const cuts = [];
  for (let nowMs = 0; nowMs <= 2000; nowMs += 20) {
    edge.arrived('video', nowMs / 1000 - 0.06, nowMs);
    edge.arrived('audio', nowMs / 1000, nowMs);
    edge.sample(0.17, nowMs);
    const advice = look(edge, 9.83, [[0, 10]], nowMs);
    if (!advice.lost && advice.cut > 0) cuts.push(Math.round(advice.cut * 1000));
  }
  assert.deepEqual(cuts, [90]);
});

test('a trifle is not worth a cut that is heard', () => {
  assert.deepEqual(watch(settled(), () => 0.11).cuts, []);
});

test('far behind, it begins anew', () => {
  assert.deepEqual(look(settled(), 9.2, [[0, 10]]), { lost: true });
  assert.deepEqual(look(settled(), 9.5, [[0, 10]]), { lost: false, cut: 0 });
});

test('nothing buffered is nothing to be behind of', () => {
  assert.equal(look(settled(), 0, []).lost, false);
});

test('a player that shows nothing yet is not judged, and has time to settle then', () => {
  const edge = new LiveEdge();
  edge.starting();
  assert.equal(edge.isStarting, true);
  assert.equal(look(edge, 0, [[0, 10]], 60_000).lost, false);
  edge.started(60_000);
  assert.equal(look(edge, 0, [[0, 10]], 60_000 + SETTLED_MS - 1).lost, false);
  assert.equal(look(edge, 0, [[0, 10]], 60_000 + SETTLED_MS).lost, true);
});

test('plays out what is left before a gap, and begins anew then', () => {
  const edge = settled();
  assert.equal(look(edge, 0.8, [[0, 1], [1.1, 1.2]]).lost, false);
  assert.equal(look(edge, 0.98, [[0, 1], [1.1, 1.25]]).lost, true);
});

test('a clock beyond all that is buffered is lost', () => {
  assert.equal(look(settled(), 12, [[0, 10]]).lost, true);
});

test('an engine that runs dry keeps more, and less again after calm', () => {
  const edge = settled();
  const before = edge.reserve;
  edge.stalled(0, 1000);
  edge.stalled(0, 2000);
  const raised = edge.reserve;
  assert.ok(raised > before + 0.07);
  assert.deepEqual(watch(edge, () => raised + 0.03, { fromMs: 2000, untilMs: 20_000 }).cuts, []);
  watch(edge, () => raised, { fromMs: 20_000, untilMs: 200_000 });
  assert.equal(edge.reserve, before);
});

test('what a start costs is no sign of running dry', () => {
  const edge = new LiveEdge();
  edge.starting();
  const before = edge.reserve;
  edge.stalled(0, 10);
  edge.started(20);
  edge.stalled(0, 30);
  assert.equal(edge.reserve, before);
});

test('each new start makes the next one less likely, until it has been calm', () => {
  const edge = settled();
  const base = edge.tolerance;
  assert.deepEqual(watch(edge, () => 1, { untilMs: 250 }).lost, [0]);
  assert.ok(edge.tolerance > base);
  watch(edge, () => 0.1, { fromMs: 2000, untilMs: 120_000 });
  assert.equal(edge.tolerance, base, 'one bad minute is not for ever');
});

test('jitter leaves no delay behind: a minute later it is back where it was', () => {
  const edge = settled();
  edge.stalled(0, 1000);
  const { cuts, lost } = watch(edge, (nowMs) => (nowMs < 10_000 ? 0.3 : 0.65), { untilMs: 60_000 });
  assert.deepEqual(lost, []);
  const left = 0.65 - cuts.reduce((sum, [, ms]) => sum + ms / 1000, 0);
  assert.ok(left < 0.2, `${left} s behind`);
});
