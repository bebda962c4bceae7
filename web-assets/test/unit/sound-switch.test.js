import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PageSound } from '../../lib/page-sound.js';
import { SoundSwitch } from '../../lib/sound-switch.js';

/** A player whose engine lets sound play, or wants a click. */
function player({ free = true } = {}) {
  const asked = /** @type {[boolean, boolean?][]} */ ([]);
  return {
    asked,
    volumes: /** @type {number[]} */ ([]),
    async setSound(/** @type {boolean} */ on, /** @type {boolean} */ clicked = false) {
      asked.push([on, clicked]);
      return on && (free || clicked);
    },
    setVolume(/** @type {number} */ volume) {
      this.volumes.push(volume);
    },
  };
}

function soundSwitch(page = new PageSound(new EventTarget())) {
  const states = /** @type {string[]} */ ([]);
  const timers = new Set();
  const sound = new SoundSwitch(
    (state) => states.push(state),
    (_, callback) => {
      timers.add(callback);
      return () => timers.delete(callback);
    },
    page,
  );
  const answerIsLate = () => timers.forEach((callback) => callback());
  return { sound, states, answerIsLate };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('is on where the engine lets sound play', async () => {
  const { sound, states } = soundSwitch();
  sound.attach(player());
  sound.apply(true, true);
  await settled();
  assert.deepEqual(states, ['on']);
});

test('is blocked only when the engine has not answered for a while', async () => {
  const { sound, states, answerIsLate } = soundSwitch();
  sound.attach(player({ free: false }));
  sound.apply(true, true);
  await settled();
  assert.deepEqual(states, []);
  answerIsLate();
  assert.deepEqual(states, ['blocked']);
});

test('a late yes of the engine is a yes', async () => {
  const { sound, states, answerIsLate } = soundSwitch();
  sound.attach(player({ free: false }));
  sound.apply(true, true);
  await settled();
  sound.heard(true);
  answerIsLate();
  assert.deepEqual(states, ['on']);
});

test('a click turns the sound on, and is told to the player as one', async () => {
  const { sound, states } = soundSwitch();
  const blocked = player({ free: false });
  sound.attach(blocked);
  assert.equal(await sound.request(), true);
  assert.deepEqual(blocked.asked, [[true, true]]);
  assert.deepEqual(states, ['on']);
});

test('a stream without sound is not asked for any', async () => {
  const { sound } = soundSwitch();
  const silent = player();
  sound.attach(silent);
  sound.apply(true, false);
  await settled();
  assert.deepEqual(silent.asked, []);
});

test('what the page does not want is muted, whatever the engine tells later', async () => {
  const { sound, states, answerIsLate } = soundSwitch();
  sound.attach(player());
  sound.apply(true, true);
  await settled();
  sound.apply(false, true);
  sound.heard(true);
  sound.heard(false);
  answerIsLate();
  assert.deepEqual(states, ['on', 'muted']);
});

test('the answer for a player that is gone counts for nothing', async () => {
  const { sound, states } = soundSwitch();
  sound.attach(player());
  sound.apply(true, true);
  sound.detach();
  await settled();
  assert.deepEqual(states, []);
  assert.equal(await sound.request(), false);
});

test('each player gets the volume; one beyond the range is refused', () => {
  const { sound } = soundSwitch();
  sound.volume = 0.5;
  const first = player();
  sound.attach(first);
  sound.volume = 0.25;
  assert.deepEqual(first.volumes, [0.5, 0.25]);
  assert.throws(() => (sound.volume = 1.5), RangeError);
  assert.throws(() => (sound.volume = NaN), RangeError);
  assert.equal(sound.volume, 0.25);
});

test('a click anywhere in the page turns on every sound that is blocked', async () => {
  const user = new EventTarget();
  const page = new PageSound(user);
  const switches = [soundSwitch(page), soundSwitch(page)];
  for (const { sound, answerIsLate } of switches) {
    sound.attach(player({ free: false }));
    sound.apply(true, true);
    await settled();
    answerIsLate();
  }
  user.dispatchEvent(new Event('click'));
  await settled();
  assert.deepEqual(switches.map(({ states }) => states), [
    ['blocked', 'on'],
    ['blocked', 'on'],
  ]);
});

test('a click is of no concern to a stream that the page has muted', async () => {
  const user = new EventTarget();
  const { sound, states, answerIsLate } = soundSwitch(new PageSound(user));
  sound.attach(player({ free: false }));
  sound.apply(true, true);
  await settled();
  answerIsLate();
  sound.apply(false, true);
  user.dispatchEvent(new Event('click'));
  await settled();
  assert.deepEqual(states, ['blocked', 'muted']);
});

test('a deafened page hears nothing, and then each stream as loud as before', () => {
  const page = new PageSound(new EventTarget());
  const { sound } = soundSwitch(page);
  const loud = player();
  sound.volume = 0.5;
  sound.attach(loud);
  page.deafened = true;
  sound.volume = 0.25;
  page.deafened = false;
  sound.detach();
  page.deafened = true;
  assert.deepEqual(loud.volumes, [0.5, 0, 0, 0.25]);
});
