/**
 * What all streams of a page share of their sound: the user's one click, and the switch that deafens.
 *
 * @typedef {Pick<EventTarget, 'addEventListener' | 'removeEventListener'>} GestureSource
 */

/** What engines count as the user's gesture, whether by mouse, finger or keyboard. */
const GESTURES = ['click', 'keydown'];

export class PageSound extends EventTarget {
  #gestures;
  #deafened = false;
  /** @type {Set<() => void>} */
  #waiting = new Set();
  #onGesture = () => {
    for (const callback of [...this.#waiting]) callback();
  };

  /** @param {GestureSource | undefined} gestures the page's window */
  constructor(gestures = globalThis.window) {
    super();
    this.#gestures = gestures;
  }

  /** True while no stream of the page is heard. Each keeps its volume, and goes on being measured. */
  get deafened() {
    return this.#deafened;
  }

  set deafened(value) {
    if (value === this.#deafened) return;
    this.#deafened = value;
    this.dispatchEvent(new Event('change'));
  }

  /**
   * Calls back within each click or key press anywhere in the page: the first that the engine
   * counts turns on the sound of all that wait.
   * @param {() => void} callback
   * @returns {() => void} ends it
   */
  onGesture(callback) {
    if (this.#waiting.size === 0) this.#listen('addEventListener');
    this.#waiting.add(callback);
    return () => {
      if (this.#waiting.delete(callback) && this.#waiting.size === 0) this.#listen('removeEventListener');
    };
  }

  /** @param {'addEventListener' | 'removeEventListener'} change */
  #listen(change) {
    // In the capturing phase, because a page may stop what bubbles.
    for (const gesture of GESTURES) this.#gestures?.[change](gesture, this.#onGesture, { capture: true });
  }
}

export const pageSound = new PageSound();
