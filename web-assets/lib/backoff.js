/**
 * How long to wait before the next attempt to connect: doubling from `firstMs` up to `maxMs`, each
 * time shortened by up to a half at random, so that many pages do not come back at one instant.
 */
export class Backoff {
  #firstMs;
  #maxMs;
  #random;
  #attempts = 0;

  /** @param {{firstMs?: number, maxMs?: number, random?: () => number}} [options] */
  constructor({ firstMs = 250, maxMs = 8000, random = Math.random } = {}) {
    this.#firstMs = firstMs;
    this.#maxMs = maxMs;
    this.#random = random;
  }

  /** Attempts since the last success. */
  get attempts() {
    return this.#attempts;
  }

  /** @returns {number} milliseconds to wait before the next attempt */
  next() {
    const full = Math.min(this.#maxMs, this.#firstMs * 2 ** Math.min(this.#attempts, 30));
    this.#attempts += 1;
    return Math.round(full * (1 - this.#random() / 2));
  }

  /** Call it when a connection stood: the next failure is a first one again. */
  succeeded() {
    this.#attempts = 0;
  }
}
