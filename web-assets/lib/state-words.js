/**
 * What `<heliograph-video>` says over its picture.
 *
 * @typedef {object} Situation
 * @property {import('./heliograph-video.js').VideoState} state
 * @property {string} callState as the agent tells it
 * @property {'remote' | 'self'} stream
 * @property {boolean} soundOnly the stream has sound and no picture
 * @property {boolean} hasPlayed pictures have been shown before
 */

const RECONNECTING = 'The connection is interrupted. Reconnecting…';

/** @type {Record<string, string>} */
const WAITING = {
  ringing: 'Ringing…',
  connecting: 'Connecting to the other side…',
  reconnecting: RECONNECTING,
};

/**
 * @param {Situation} situation
 * @returns {string} empty when the picture speaks for itself
 */
export function stateWords({ state, callState, stream, soundOnly, hasPlayed }) {
  const own = stream === 'self';
  switch (state) {
    case 'idle':
      return '';
    case 'connecting':
      return hasPlayed ? 'The way to the agent is lost. Trying again…' : 'Connecting…';
    case 'waiting':
      return own ? 'Starting the camera…' : (WAITING[callState] ?? 'Waiting for the picture…');
    case 'playing':
      if (callState === 'reconnecting') return RECONNECTING;
      return soundOnly ? 'Sound only: the other side sends no picture.' : '';
    case 'stalled':
      if (callState === 'reconnecting') return RECONNECTING;
      return own ? 'The camera is off.' : 'The other side sends no picture at the moment.';
    case 'ended':
      return 'The call has ended.';
    case 'failed':
      return 'This stream cannot be played.';
  }
}
