/**
 * Notices a player that is fed and shows nothing. Engines do that without an error: after an underflow
 * WebKit's clock snaps to 0 and stays there, and a picture may freeze for good. Pause and play do
 * not help; a new MediaSource that begins at a key frame does.
 *
 * @typedef {'fine' | 'starved' | 'stuck' | 'hopeless'} Verdict `starved`: nothing arrives; `stuck`:
 *     rebuild the player; `hopeless`: rebuilding did not help, connect anew
 */
export class PlaybackWatchdog {
  #patienceMs;
  #graceMs;
  #shown = 0;
  #progressMs = -Infinity;
  #observedMs = -Infinity;
  #rebuildMs = -Infinity;
  #rebuilds = 0;

  /**
   * @param {{patienceMs?: number, graceMs?: number}} [options] how long nothing may be shown, and how
   *     long a player that has just been rebuilt may take
   */
  constructor({ patienceMs = 2000, graceMs = 4000 } = {}) {
    this.#patienceMs = patienceMs;
    this.#graceMs = graceMs;
  }

  /**
   * @param {{nowMs: number, shown: number, arrivedMs: number, wanted: boolean}} playback `shown`:
   *     something that grows with each picture shown; `arrivedMs`: when the last picture came in;
   *     `wanted`: somebody sees or hears it
   * @returns {Verdict}
   */
  observe({ nowMs, shown, arrivedMs, wanted }) {
    // A laptop that slept, a page that was frozen, timers that are throttled: what was not looked at has
    // not stood still.
    const asleep = nowMs - this.#observedMs > this.#patienceMs / 2;
    this.#observedMs = nowMs;
    if (shown !== this.#shown || !wanted || asleep) {
      if (shown !== this.#shown) this.#rebuilds = 0;
      this.#shown = shown;
      this.#progressMs = nowMs;
    }
    if (nowMs - arrivedMs > this.#patienceMs) {
      this.#progressMs = nowMs;
      return 'starved';
    }
    if (nowMs - this.#rebuildMs < this.#graceMs) return 'fine';
    if (nowMs - this.#progressMs < this.#patienceMs) return 'fine';
    this.#rebuildMs = nowMs;
    this.#progressMs = nowMs;
    this.#rebuilds += 1;
    return this.#rebuilds > 2 ? 'hopeless' : 'stuck';
  }
}
