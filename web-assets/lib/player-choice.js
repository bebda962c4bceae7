import { audioDevice } from './audio-device.js';
import { FramesPlayer, canPlayFrames as probeFrames } from './frames-player.js';
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
const probe = probeFrames().then((playable) => void (framesPlayable = playable));

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
 * WebKitGTK 2.50 leaks all samples of a packet with each plane that AudioData.copyTo makes of them, 50 MB a
 * minute of a call, and on Debian 12 it crashes where they are taken as they lie (docs/page.md). Nothing tells
 * such an engine but its name.
 * @param {string} userAgent
 */
export function leaksSound(userAgent) {
  return /Linux.*AppleWebKit/.test(userAgent) && !/Chrom/.test(userAgent);
}

/**
 * @param {Format | 'auto'} wish
 * @param {object} what
 * @param {boolean} what.framesFailed WebCodecs has been tried, and gave up
 * @param {boolean} what.hasSound whether the stream may have sound
 * @returns {Format}
 */
export function chooseFormat(wish, { framesFailed, hasSound }) {
  if (wish !== 'auto') return wish;
  const canPlayFrames = framesPlayable && !framesFailed;
  if (canPlayFrames && !(hasSound && leaksSound(navigator.userAgent))) return 'frames';
  if (canPlaySegments()) return 'webm';
  if (canPlayFrames) return 'frames';
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
