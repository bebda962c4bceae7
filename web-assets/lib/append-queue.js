/**
 * What waits for a SourceBuffer. Bounded: a page that falls behind drops up to the next key frame,
 * as the agent's own queue does, because a delta frame without its predecessors is of no use.
 *
 * @typedef {object} Segment an init segment, or a cluster with one block
 * @property {Uint8Array} bytes
 * @property {boolean} [init]
 * @property {boolean} video
 * @property {boolean} key
 * @property {number} seconds in the stream's time
 */
export class AppendQueue {
  #limitBytes;
  /** @type {Segment[]} */
  #waiting = [];
  #bytes = 0;
  #awaitingKey = false;
  #dropped = 0;

  /** @param {{limitBytes?: number}} [options] */
  constructor({ limitBytes = 8 << 20 } = {}) {
    this.#limitBytes = limitBytes;
  }

  get bytes() {
    return this.#bytes;
  }

  /** Video segments that were left out. */
  get dropped() {
    return this.#dropped;
  }

  /** True while pictures are dropped: someone has to ask for a key frame. */
  get awaitingKey() {
    return this.#awaitingKey;
  }

  /** @returns {Segment | undefined} what comes next; it stays */
  get first() {
    return this.#waiting[0];
  }

  /**
   * @param {Segment} segment
   * @returns {boolean} whether it was taken
   */
  push(segment) {
    const { bytes, init = false, video, key } = segment;
    if (this.#bytes + bytes.byteLength > this.#limitBytes) this.#clear();
    // An init segment is followed by a key frame, and what came before it is of no use to what follows.
    if (init || (video && key)) this.#awaitingKey = false;
    if (video && this.#awaitingKey) {
      this.#dropped += 1;
      return false;
    }
    this.#waiting.push(segment);
    this.#bytes += bytes.byteLength;
    return true;
  }

  /**
   * Sound and picture both go: what waits is old by now, and the key frame brings a fresh start. An init
   * segment stays, because what follows cannot be read without it.
   */
  #clear() {
    const init = this.#waiting.findLast((segment) => segment.init);
    this.#dropped += this.#waiting.filter(({ video }) => video).length;
    this.#waiting = init ? [init] : [];
    this.#bytes = init?.bytes.byteLength ?? 0;
    this.#awaitingKey = true;
  }

  /** @returns {Segment | undefined} */
  shift() {
    const segment = this.#waiting.shift();
    if (segment) this.#bytes -= segment.bytes.byteLength;
    return segment;
  }
}
