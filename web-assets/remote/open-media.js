/**
 * Camera and microphone, as far as there are any: a call without them still receives.
 */

/** @type {Record<string, string>} */
const WORDS = {
  NotAllowedError: 'The browser may not use it: allow it in the address bar.',
  NotFoundError: 'There is none.',
  NotReadableError: 'Another program is using it.',
};

/**
 * @param {import('./envelope.js').CallMedia} media
 * @returns {Promise<{stream: MediaStream | undefined, problem: string}>} `problem` in words, or empty
 */
export async function openMedia(media) {
  if (!media.audio && !media.video) return { stream: undefined, problem: '' };
  if (!navigator.mediaDevices?.getUserMedia) {
    return {
      stream: undefined,
      problem:
        'This page is not secure (https), so the browser gives it no camera and no microphone. ' +
        'You can watch and listen only.',
    };
  }
  const audio = media.audio && { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  const video = media.video && { width: { ideal: 1280 }, height: { ideal: 720 }, facingMode: 'user' };
  try {
    return { stream: await navigator.mediaDevices.getUserMedia({ audio, video }), problem: '' };
  } catch (error) {
    if (!media.audio || !media.video) {
      const device = media.audio ? 'microphone' : 'camera';
      return { stream: undefined, problem: `Without the ${device}. ${reason(error)}` };
    }
  }
  // One of the two fails: take the other.
  const [sound, picture] = await Promise.all([
    openMedia({ audio: true, video: false }),
    openMedia({ audio: false, video: true }),
  ]);
  const tracks = [sound, picture].flatMap(({ stream }) => stream?.getTracks() ?? []);
  return {
    stream: tracks.length > 0 ? new MediaStream(tracks) : undefined,
    problem: [sound.problem, picture.problem].filter(Boolean).join(' '),
  };
}

/** @param {unknown} error */
function reason(error) {
  const { name, message } = /** @type {Error} */ (error);
  return WORDS[name] ?? message;
}
