/**
 * What waits for a SourceBuffer. Bounded: a page that falls behind drops up to the next key frame,
 * as the agent's own queue does, because a delta frame without its predecessors is of no use.
 *
 * @typedef {object} Segment
 * @property {Uint8Array} bytes
 * @property {boolean} video
 * @property {boolean} key
 */
export class AppendQueue {
  #limitBytes;
  #joinBytes;
  /** @type {Uint8Array[]} */
  #waiting = [];
  #bytes = 0;
  #awaitingKey = false;
  #dropped = 0;

  /**
   * @param {{limitBytes?: number, joinBytes?: number}} [options] what may wait at all, and how much
   *     is joined into one append
   */
  constructor({ limitBytes = 8 << 20, joinBytes = 256 << 10 } = {}) {
    this.#limitBytes = limitBytes;
    this.#joinBytes = joinBytes;
  }

  get bytes() {
    return this.#bytes;
  }

  get isEmpty() {
    return this.#waiting.length === 0;
  }

  /** Video segments that were left out. */
  get dropped() {
    return this.#dropped;
  }

  /** True while pictures are dropped: someone has to ask for a key frame. */
  get awaitingKey() {
    return this.#awaitingKey;
  }

  /**
   * @param {Segment} segment
   * @returns {boolean} whether it was taken
   */
  push({ bytes, video, key }) {
    if (this.#bytes + bytes.byteLength > this.#limitBytes) {
      // Sound and picture both go: what waits is old by now, and the key frame brings a fresh start.
      this.#waiting = [];
      this.#bytes = 0;
      this.#awaitingKey = true;
    }
    if (video && this.#awaitingKey) {
      if (!key) {
        this.#dropped += 1;
        return false;
      }
      this.#awaitingKey = false;
    }
    this.#waiting.push(bytes);
    this.#bytes += bytes.byteLength;
    return true;
  }

  /** @returns {Uint8Array} the next bytes to append: one segment, or several small ones as one */
  take() {
    let count = 0;
    let bytes = 0;
    while (count < this.#waiting.length) {
      const next = this.#waiting[count].byteLength;
      if (count > 0 && bytes + next > this.#joinBytes) break;
      bytes += next;
      count += 1;
    }
    const taken = this.#waiting.splice(0, count);
    this.#bytes -= bytes;
    return count === 1 ? taken[0] : concatenate(taken, bytes);
  }

  /**
   * What could not be appended after all goes back to the front.
   * @param {Uint8Array} bytes
   */
  giveBack(bytes) {
    this.#waiting.unshift(bytes);
    this.#bytes += bytes.byteLength;
  }
}

/**
 * @param {Uint8Array[]} parts
 * @param {number} length
 */
function concatenate(parts, length) {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}
