/**
 * Lets through what a decoder can decode: from a key frame on, without a hole. Says when a key frame
 * has to be asked for, and not more often than `intervalMs`.
 */
export class KeyFrameGate {
  #intervalMs;
  #open = false;
  #askedMs = -Infinity;

  /** @param {{intervalMs?: number}} [options] */
  constructor({ intervalMs = 500 } = {}) {
    this.#intervalMs = intervalMs;
  }

  get isOpen() {
    return this.#open;
  }

  /** Something was lost: nothing more until the next key frame. */
  shut() {
    this.#open = false;
  }

  /**
   * @param {boolean} key
   * @returns {boolean} whether this frame can be decoded
   */
  admits(key) {
    this.#open ||= key;
    return this.#open;
  }

  /**
   * @param {number} nowMs
   * @returns {boolean} whether to ask for a key frame now
   */
  shouldAsk(nowMs) {
    if (this.#open || nowMs - this.#askedMs < this.#intervalMs) return false;
    this.#askedMs = nowMs;
    return true;
  }
}
