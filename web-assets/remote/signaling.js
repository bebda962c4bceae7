import { readEnvelope } from './envelope.js';

/**
 * The connection to the rendezvous, under one name. It comes back by itself; what is said meanwhile
 * is kept and sent then.
 *
 * @typedef {import('./envelope.js').Envelope} Envelope
 * @typedef {import('./envelope.js').Refusal} Refusal
 * @typedef {object} SignalingListener
 * @property {(envelope: Envelope) => void} envelope
 * @property {(refusal: Refusal) => void} refusal
 * @property {() => void} opened
 * @property {(stood: boolean) => void} lost it will come back; `stood`: it had been open
 * @property {() => void} replaced the same invitation is in use elsewhere; it does not come back
 */

const REPLACED = 4409;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 8000;
const KEPT_ENVELOPES = 100;
const OPEN = 1;

export class Signaling {
  #url;
  #listener;
  #createSocket;
  #after;
  /** @type {any} */
  #socket;
  #retryMs = FIRST_RETRY_MS;
  /** @type {string[]} */
  #waiting = [];

  /**
   * @param {string} url
   * @param {SignalingListener} listener
   * @param {{createSocket?: (url: string) => any, after?: (ms: number, callback: () => void) => void}} [options]
   */
  constructor(url, listener, options = {}) {
    this.#url = url;
    this.#listener = listener;
    this.#createSocket = options.createSocket ?? ((u) => new WebSocket(u));
    this.#after = options.after ?? ((ms, callback) => void setTimeout(callback, ms));
    this.connect();
  }

  connect() {
    const socket = this.#createSocket(this.#url);
    this.#socket = socket;
    let stood = false;
    socket.onopen = () => {
      stood = true;
      this.#retryMs = FIRST_RETRY_MS;
      for (const text of this.#waiting.splice(0)) socket.send(text);
      this.#listener.opened();
    };
    socket.onmessage = (/** @type {{data: unknown}} */ { data }) => {
      const message = typeof data === 'string' ? readEnvelope(data) : undefined;
      if (!message) return;
      if ('payload' in message) this.#listener.envelope(message);
      else this.#listener.refusal(message);
    };
    socket.onclose = (/** @type {{code: number}} */ { code }) => {
      if (code === REPLACED) {
        this.#listener.replaced();
        return;
      }
      this.#after(this.#retryMs, () => this.connect());
      this.#retryMs = Math.min(LAST_RETRY_MS, this.#retryMs * 2);
      this.#listener.lost(stood);
    };
  }

  /** @param {Envelope} envelope */
  send(envelope) {
    const text = JSON.stringify(envelope);
    if (this.#socket.readyState === OPEN) {
      this.#socket.send(text);
      return;
    }
    this.#waiting.push(text);
    if (this.#waiting.length > KEPT_ENVELOPES) this.#waiting.shift();
  }
}
