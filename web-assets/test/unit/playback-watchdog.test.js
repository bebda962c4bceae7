import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlaybackWatchdog } from '../../lib/playback-watchdog.js';

/**
 * @param {PlaybackWatchdog} dog
 * @param {number} fromMs
 * @param {number} toMs
 * @param {{shown: number, arriving?: boolean, wanted?: boolean}} playback
 */
function watch(dog, fromMs, toMs, { shown, arriving = true, wanted = true }) {
  const verdicts = new Set();
  for (let nowMs = fromMs; nowMs <= toMs; nowMs += 250) {
    const arrivedMs = arriving ? nowMs - 10 : fromMs - 5000;
    verdicts.add(dog.observe({ nowMs, shown, arrivedMs, wanted }));
  }
  return [...verdicts];
}

test('pictures that arrive and are not shown for two seconds mean stuck', () => {
  const dog = new PlaybackWatchdog();
  assert.deepEqual(watch(dog, 0, 1750, { shown: 5 }), ['fine']);
  assert.equal(dog.observe({ nowMs: 2000, shown: 5, arrivedMs: 1990, wanted: true }), 'stuck');
});

test('nothing arriving is not the player’s fault', () => {
  assert.deepEqual(watch(new PlaybackWatchdog(), 0, 9000, { shown: 5, arriving: false }), ['starved']);
});

test('what nobody sees or hears need not play', () => {
  const dog = new PlaybackWatchdog();
  assert.deepEqual(watch(dog, 0, 9000, { shown: 5, wanted: false }), ['fine']);
  assert.deepEqual(watch(dog, 9250, 10750, { shown: 5 }), ['fine'], 'and has time when shown again');
});

test('a rebuilt player has its time of grace; the third failure in a row is hopeless', () => {
  const dog = new PlaybackWatchdog();
  assert.deepEqual(watch(dog, 0, 5750, { shown: 5 }), ['fine', 'stuck']);
  assert.equal(dog.observe({ nowMs: 6000, shown: 5, arrivedMs: 5990, wanted: true }), 'stuck');
  assert.ok(watch(dog, 6250, 10000, { shown: 5 }).includes('hopeless'));
});

test('a picture that is shown makes everything good again', () => {
  const dog = new PlaybackWatchdog();
  watch(dog, 0, 6000, { shown: 5 });
  assert.deepEqual(watch(dog, 6250, 6250, { shown: 6 }), ['fine']);
  assert.equal(watch(dog, 6500, 10500, { shown: 6 }).includes('hopeless'), false);
});

test('a laptop that slept, or a page that was frozen, has not stood still', () => {
  const dog = new PlaybackWatchdog();
  watch(dog, 0, 1000, { shown: 5 });
  const awake = { shown: 5, wanted: true };
  assert.equal(dog.observe({ nowMs: 3_600_000, arrivedMs: 3_599_990, ...awake }), 'fine');
  assert.deepEqual(watch(dog, 3_600_250, 3_601_750, { shown: 5 }), ['fine']);
  assert.equal(dog.observe({ nowMs: 3_602_000, arrivedMs: 3_601_990, ...awake }), 'stuck');
});
