import { audioDevice } from './audio-device.js';
import { FramesPlayer, canPlayFrames } from './frames-player.js';
import { HeliographError } from './heliograph-error.js';
import { SegmentsPlayer, canPlaySegments } from './segments-player.js';
import { pageSound } from './page-sound.js';
import { spareVideos } from './spare-videos.js';

/**
 * Which way to play: WebCodecs where the engine has it, MediaSource otherwise.
 *
 * @typedef {'frames' | 'webm'} Format
 */

/** Known before the first element needs it: a player made within a click may play sound at once. */
let framesPlayable = /** @type {boolean | undefined} */ (undefined);
const probe = canPlayFrames().then((playable) => void (framesPlayable = playable));

// The click that counts is often the one that calls or answers, long before there is sound.
pageSound.onGesture(() => {
  if (framesPlayable) audioDevice.unlock();
  spareVideos.fill();
});

/**
 * What has to be awaited before a format can be chosen, if anything.
 * @param {Format | 'auto'} wish
 * @returns {Promise<void> | undefined}
 */
export function choiceIsDue(wish) {
  return wish === 'auto' && framesPlayable === undefined ? probe : undefined;
}

/**
 * @param {Format | 'auto'} wish
 * @param {boolean} framesFailed WebCodecs has been tried, and gave up
 * @returns {Format}
 */
export function chooseFormat(wish, framesFailed) {
  if (wish !== 'auto') return wish;
  if (framesPlayable && !framesFailed) return 'frames';
  if (canPlaySegments()) return 'webm';
  throw new HeliographError('no_player', 'This webview has neither WebCodecs nor WebM playback.', {
    hint: 'On Debian and Ubuntu install gstreamer1.0-plugins-good and gstreamer1.0-plugins-bad.',
  });
}

/**
 * @param {Format} format
 * @param {import('./player.js').PlayerListener} listener
 * @returns {import('./player.js').Player}
 */
export function createPlayer(format, listener) {
  return format === 'frames' ? new FramesPlayer(listener) : new SegmentsPlayer(listener);
}

export { canPlaySegments };
