import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PageSound } from '../../lib/page-sound.js';

/** A page's window, as far as gestures go. */
function page() {
  const target = new EventTarget();
  const listeners = { click: 0, keydown: 0 };
  const counted = (/** @type {'addEventListener' | 'removeEventListener'} */ change, /** @type {number} */ by) =>
    (/** @type {'click' | 'keydown'} */ name, /** @type {any} */ ...rest) => {
      listeners[name] += by;
      target[change](name, ...(/** @type {[any]} */ (rest)));
    };
  return {
    listeners,
    addEventListener: counted('addEventListener', 1),
    removeEventListener: counted('removeEventListener', -1),
    /** @param {string} name */
    does: (name) => target.dispatchEvent(new Event(name)),
  };
}

test('one click anywhere is told to all that wait for one', () => {
  const user = page();
  const sound = new PageSound(/** @type {any} */ (user));
  const told = /** @type {string[]} */ ([]);
  sound.onGesture(() => told.push('first'));
  sound.onGesture(() => told.push('second'));
  user.does('click');
  assert.deepEqual(told, ['first', 'second']);
});

test('a gesture that the engine did not count is followed by another', () => {
  const user = page();
  const sound = new PageSound(/** @type {any} */ (user));
  let told = 0;
  const cancel = sound.onGesture(() => (told += 1) === 2 && cancel());
  for (const gesture of ['keydown', 'click', 'click']) user.does(gesture);
  assert.equal(told, 2);
});

test('the page’s clicks are not listened to while nobody waits', () => {
  const user = page();
  const sound = new PageSound(/** @type {any} */ (user));
  const cancels = [sound.onGesture(() => {}), sound.onGesture(() => {})];
  assert.deepEqual(user.listeners, { click: 1, keydown: 1 });
  for (const cancel of cancels) {
    cancel();
    cancel();
  }
  assert.deepEqual(user.listeners, { click: 0, keydown: 0 });
});

test('deafening is told once', () => {
  const sound = new PageSound(/** @type {any} */ (page()));
  const told = /** @type {boolean[]} */ ([]);
  sound.addEventListener('change', () => told.push(sound.deafened));
  for (const deafened of [true, true, false]) sound.deafened = deafened;
  assert.deepEqual(told, [true, false]);
});
