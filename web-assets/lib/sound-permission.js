/**
 * A second of silence: RIFF, 8000 Hz, one channel, 8 bits. One that is over before a busy engine has answered
 * play() would look like one that was refused.
 */
function silence() {
  const samples = 8000;
  const wav = new DataView(new ArrayBuffer(44 + samples));
  const text = (/** @type {number} */ at, /** @type {string} */ letters) =>
    [...letters].forEach((letter, i) => wav.setUint8(at + i, letter.charCodeAt(0)));
  text(0, 'RIFF');
  wav.setUint32(4, 36 + samples, true);
  text(8, 'WAVEfmt ');
  wav.setUint32(16, 16, true);
  wav.setUint16(20, 1, true);
  wav.setUint16(22, 1, true);
  wav.setUint32(24, 8000, true);
  wav.setUint32(28, 8000, true);
  wav.setUint16(32, 1, true);
  wav.setUint16(34, 8, true);
  text(36, 'data');
  wav.setUint32(40, samples, true);
  for (let i = 0; i < samples; i++) wav.setUint8(44 + i, 128);
  return new Blob([wav], { type: 'audio/wav' });
}

/**
 * Whether the engine lets a media element sound without a click. To try it on the call's own element
 * would pause the picture in WebKit, so another element with a moment of silence is tried instead.
 * (An AudioContext cannot be asked in its place: WebKitGTK lets that sound, but no video element.)
 * @returns {Promise<boolean>}
 */
export async function mayPlaySound() {
  const url = URL.createObjectURL(silence());
  const probe = new Audio(url);
  try {
    await probe.play();
    return !probe.paused || probe.ended;
  } catch (error) {
    // What fails for another reason says nothing of a click.
    return !(error instanceof DOMException) || error.name !== 'NotAllowedError';
  } finally {
    probe.removeAttribute('src');
    URL.revokeObjectURL(url);
  }
}
