/**
 * The signalling messages between the two sides of a call, as a rendezvous carries them.
 *
 * @typedef {{audio: boolean, video: boolean}} CallMedia
 * @typedef {{type: 'call-request', media?: CallMedia}
 *   | {type: 'call-ack'}
 *   | {type: 'call-offer', sdp: string}
 *   | {type: 'call-answer', sdp: string}
 *   | {type: 'ice-candidate', candidate: RTCIceCandidateInit | null}
 *   | {type: 'call-hangup', reason?: string}
 *   | {type: 'call-error', code?: string, message?: string}} Payload
 * @typedef {{channel_id: string, from: string, to: string, payload: Payload}} Envelope
 * @typedef {{type: 'error', code: string, message: string, channel_id?: string, to?: string}} Refusal
 *     what the rendezvous says about an envelope that it did not hand on
 */

/** @param {unknown} value @returns {value is Record<string, unknown>} */
const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);

/** What acts on a terminal, turns the order of what is shown or ends a line; the joiners within words do not. */
const UNFIT = /(?![\u200C\u200D])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
const SHOWN_LIMIT = 256;

/**
 * Somebody else's text, as it can be shown.
 *
 * @param {unknown} text
 */
const shown = (text) =>
  typeof text === 'string' ? text.replace(UNFIT, '\uFFFD').slice(0, SHOWN_LIMIT) : undefined;

/** @param {unknown} field */
const isName = (field) => typeof field === 'string' && field !== '' && field.search(UNFIT) < 0;

/** @type {Record<string, (payload: Record<string, unknown>) => boolean>} */
const CHECKS = {
  'call-request': ({ media }) =>
    media === undefined ||
    (isObject(media) && typeof media.audio === 'boolean' && typeof media.video === 'boolean'),
  'call-ack': () => true,
  'call-offer': ({ sdp }) => typeof sdp === 'string',
  'call-answer': ({ sdp }) => typeof sdp === 'string',
  'ice-candidate': ({ candidate }) =>
    candidate === null || (isObject(candidate) && typeof candidate.candidate === 'string'),
  'call-hangup': () => true,
  'call-error': () => true,
};

/**
 * @param {string} text
 * @returns {Envelope | Refusal | undefined} undefined for what is neither
 */
export function readEnvelope(text) {
  let message;
  try {
    message = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(message)) return undefined;
  if (message.type === 'error') return /** @type {any} */ ({ ...message, message: shown(message.message) ?? '' });
  const { channel_id, from, to, payload } = message;
  if (![channel_id, from, to].every(isName)) return undefined;
  if (!isObject(payload) || typeof payload.type !== 'string') return undefined;
  if (!Object.hasOwn(CHECKS, payload.type) || !CHECKS[payload.type](payload)) return undefined;
  for (const field of ['reason', 'code', 'message']) {
    if (field in payload) payload[field] = shown(payload[field]);
  }
  return /** @type {any} */ (message);
}
