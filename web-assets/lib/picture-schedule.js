/**
 * When each decoded picture is shown. Sound needs some buffer before it can play; a picture needs
 * none. So that lips and voice stay together, a picture waits until the sound of its time is heard.
 * Without sound it is shown at once.
 *
 * @typedef {{timestamp: number, close(): void}} Picture a VideoFrame; `timestamp` in microseconds
 */
export class PictureSchedule {
  #capacity;
  #maxWaitMs;
  /** @type {{picture: Picture, arrivedMs: number}[]} */
  #waiting = [];
  #dropped = 0;

  /**
   * @param {{capacity?: number, maxWaitMs?: number}} [options] a decoder has few buffers to lend, so
   *     few pictures may wait; none waits longer than `maxWaitMs`, whatever the sound's clock says
   */
  constructor({ capacity = 24, maxWaitMs = 600 } = {}) {
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
    let due = -1;
    this.#waiting.forEach(({ picture, arrivedMs }, index) => {
      const spoken = heardMicros === undefined || picture.timestamp <= heardMicros;
      if (spoken || nowMs - arrivedMs >= this.#maxWaitMs) due = index;
    });
    if (due < 0) return undefined;
    this.#discard(due);
    return this.#waiting.shift();
  }

  clear() {
    for (const { picture } of this.#waiting) picture.close();
    this.#waiting = [];
  }

  /** @param {number} count */
  #discard(count) {
    for (const { picture } of this.#waiting.splice(0, count)) picture.close();
    this.#dropped += count;
  }
}
