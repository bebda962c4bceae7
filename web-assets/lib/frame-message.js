/** Binary messages of `format=frames`, as docs/media-protocol.md lays them out. */

const HEADER_BYTES = 12;
const KEY_FRAME = 1;
const PAST = 2;
const MADE_UP = 4;

/**
 * @typedef {object} FrameMessage
 * @property {number} track id, as in the `tracks` message
 * @property {boolean} key
 * @property {boolean} past there for the decoder only: a newer picture follows at once
 * @property {boolean} madeUp samples in the place of lost ones
 * @property {number} timestamp microseconds on the stream's one clock
 * @property {Uint8Array} payload the encoded frame, or samples; a view, not a copy
 */

/**
 * @param {ArrayBuffer} message
 * @returns {FrameMessage}
 */
export function readFrameMessage(message) {
  if (message.byteLength <= HEADER_BYTES) {
    throw new RangeError(`A frame message of ${message.byteLength} bytes holds no frame.`);
  }
  const header = new DataView(message, 0, HEADER_BYTES);
  return {
    track: header.getUint8(0),
    key: (header.getUint8(1) & KEY_FRAME) !== 0,
    past: (header.getUint8(1) & PAST) !== 0,
    madeUp: (header.getUint8(1) & MADE_UP) !== 0,
    timestamp: Number(header.getBigInt64(4)),
    payload: new Uint8Array(message, HEADER_BYTES),
  };
}

/**
 * The other direction, for tests and for agents written in JavaScript.
 * @param {Omit<FrameMessage, 'past' | 'madeUp'> & {past?: boolean, madeUp?: boolean}} frame
 * @returns {ArrayBuffer}
 */
export function writeFrameMessage({ track, key, past = false, madeUp = false, timestamp, payload }) {
  const message = new ArrayBuffer(HEADER_BYTES + payload.byteLength);
  const header = new DataView(message);
  header.setUint8(0, track);
  header.setUint8(1, (key ? KEY_FRAME : 0) | (past ? PAST : 0) | (madeUp ? MADE_UP : 0));
  header.setBigInt64(4, BigInt(Math.round(timestamp)));
  new Uint8Array(message, HEADER_BYTES).set(payload);
  return message;
}
