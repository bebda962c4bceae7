import { Backoff } from './backoff.js';

/**
 * The WebSocket that brings one stream, kept open: it comes back by itself, later and later, until the
 * agent says that the call is over or unknown.
 *
 * @typedef {object} MediaSocketListener
 * @property {() => void} opened
 * @property {(message: Record<string, any>) => void} text a JSON object with a `type`
 * @property {(message: ArrayBuffer) => void} binary
 * @property {(loss: {code: number, stood: boolean, retryMs: number}) => void} lost it will come back
 *     after `retryMs`; `stood`: it had been open
 * @property {(end: {code: number, reason: string}) => void} finished it will not come back
 *
 * @typedef {Pick<WebSocket, 'send' | 'close' | 'readyState' | 'binaryType'> & {
 *   onopen: any, onmessage: any, onclose: any}} SocketLike
 */

/** Close codes after which there is nothing to come back to (docs/media-protocol.md). */
export const CLOSE_ENDED = 1000;
export const CLOSE_NO_SUCH_CALL = 4404;
const FINAL_CODES = new Set([CLOSE_ENDED, CLOSE_NO_SUCH_CALL]);
const OPEN = 1;

/**
 * @param {number} ms
 * @param {() => void} callback
 * @returns {() => void} cancels it
 */
function after(ms, callback) {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
}

export class MediaSocket {
  #url;
  #listener;
  #createSocket;
  #backoff;
  #after;
  /** @type {SocketLike | undefined} */
  #socket;
  #cancelRetry = () => {};

  /**
   * @param {string} url
   * @param {MediaSocketListener} listener
   * @param {object} [options]
   * @param {(url: string) => SocketLike} [options.createSocket]
   * @param {Backoff} [options.backoff]
   * @param {typeof after} [options.timer]
   */
  constructor(url, listener, options = {}) {
    const { createSocket = (u) => new WebSocket(u), backoff, timer = after } = options;
    this.#url = url;
    this.#listener = listener;
    this.#createSocket = createSocket;
    this.#backoff = backoff ?? new Backoff();
    this.#after = timer;
    this.#connect();
  }

  /**
   * @param {Record<string, unknown>} message
   * @returns {boolean} whether it could be sent
   */
  send(message) {
    if (this.#socket?.readyState !== OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** Drops the connection and makes a new one at once. */
  restart() {
    this.#drop();
    this.#connect();
  }

  close() {
    this.#drop();
  }

  #drop() {
    this.#cancelRetry();
    const socket = this.#socket;
    this.#socket = undefined;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(1000);
  }

  #connect() {
    const socket = this.#createSocket(this.#url);
    this.#socket = socket;
    let stood = false;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      stood = true;
      this.#listener.opened();
    };
    socket.onmessage = (/** @type {MessageEvent} */ { data }) => {
      // Only what arrives proves that the way is good: an agent may accept and close at once.
      this.#backoff.succeeded();
      if (typeof data !== 'string') this.#listener.binary(data);
      else this.#receiveText(data);
    };
    socket.onclose = (/** @type {CloseEvent} */ { code, reason }) => {
      this.#socket = undefined;
      if (FINAL_CODES.has(code)) {
        this.#listener.finished({ code, reason });
        return;
      }
      const retryMs = this.#backoff.next();
      this.#cancelRetry = this.#after(retryMs, () => this.#connect());
      this.#listener.lost({ code, stood, retryMs });
    };
  }

  /** @param {string} text */
  #receiveText(text) {
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      return;
    }
    if (message !== null && typeof message === 'object') this.#listener.text(message);
  }
}
