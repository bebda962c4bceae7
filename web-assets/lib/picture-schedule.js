/**
 * When each decoded picture is shown. Sound needs some buffer before it can play, and a picture none:
 * so that lips and voice stay together a picture waits until the sound of its time is heard. Without
 * sound it is shown at once, and so is the first. When the sound begins later, or its delay changes,
 * pictures fall in step with it little by little.
 *
 * @typedef {{timestamp: number, close(): void}} Picture a VideoFrame; `timestamp` in microseconds
 */

/** While it falls in step, the picture runs by so much slower or faster. */
const SLEW = 0.2;
/** A picture that is so much ahead of its sound, or behind it, leaps. */
const LEAP_AHEAD_MS = 1000;
const LEAP_BEHIND_MS = 150;
/** Half the time between two frames of a display: due by then is due now. */
const EARLY_MS = 8;

export class PictureSchedule {
  #capacity;
  #maxWaitMs;
  /** @type {{picture: Picture, arrivedMs: number}[]} */
  #waiting = [];
  #dropped = 0;
  #newest = -Infinity;
  /** The moment at which a picture is shown, minus its time stamp: NaN before the first. */
  #lagMs = NaN;
  #tookMs = 0;

  /**
   * @param {{capacity?: number, maxWaitMs?: number}} [options] a decoder has few buffers to lend, so
   *     few pictures may wait; none waits longer than `maxWaitMs`, whatever the sound's clock says
   */
  constructor({ capacity = 24, maxWaitMs = 500 } = {}) {
    this.#capacity = capacity;
    this.#maxWaitMs = maxWaitMs;
  }

  get waiting() {
    return this.#waiting.length;
  }

  /** Pictures that were never shown because a newer one was due. */
  get dropped() {
    return this.#dropped;
  }

  /**
   * @param {Picture} picture
   * @param {number} arrivedMs
   */
  push(picture, arrivedMs) {
    if (picture.timestamp < this.#newest) this.#lagMs = NaN;
    this.#newest = picture.timestamp;
    this.#waiting.push({ picture, arrivedMs });
    if (this.#waiting.length > this.#capacity) this.#discard(1);
  }

  /**
   * The newest picture that is due. The caller shows and closes it; older ones are closed here.
   * @param {number} nowMs
   * @param {number | undefined} heardMicros time stamp of the sound that is heard now, if any
   * @returns {{picture: Picture, arrivedMs: number} | undefined}
   */
  take(nowMs, heardMicros) {
    const free = heardMicros === undefined || Number.isNaN(this.#lagMs);
    if (!free) this.#fallInStep(nowMs - heardMicros / 1000, nowMs - this.#tookMs);
    this.#tookMs = nowMs;
    let due = -1;
    this.#waiting.forEach(({ picture, arrivedMs }, index) => {
      const inStep = free || picture.timestamp / 1000 + this.#lagMs <= nowMs + EARLY_MS;
      if (inStep || nowMs - arrivedMs >= this.#maxWaitMs) due = index;
    });
    if (due < 0) return undefined;
    this.#discard(due);
    const shown = this.#waiting.shift();
    if (shown && free) this.#lagMs = nowMs - shown.picture.timestamp / 1000;
    return shown;
  }

  /**
   * @param {number} goalMs
   * @param {number} elapsedMs
   */
  #fallInStep(goalMs, elapsedMs) {
    const away = goalMs - this.#lagMs;
    const leaps = away > LEAP_AHEAD_MS || away < -LEAP_BEHIND_MS;
    const step = leaps ? Infinity : SLEW * elapsedMs;
    this.#lagMs += Math.max(-step, Math.min(step, away));
  }

  clear() {
    for (const { picture } of this.#waiting) picture.close();
    this.#waiting = [];
    this.#lagMs = NaN;
    this.#newest = -Infinity;
  }

  /** @param {number} count */
  #discard(count) {
    for (const { picture } of this.#waiting.splice(0, count)) picture.close();
    this.#dropped += count;
  }
}
