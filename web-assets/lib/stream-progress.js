/**
 * How a stream that was begun gets on: what `<heliograph-video>` says of it between its start and its
 * end. Without a clock of its own: every event comes with its time.
 *
 * @typedef {'connecting' | 'waiting' | 'playing' | 'stalled'} Progress
 */

const STALLED_AFTER_MS = 2500;
/** The picture often begins a moment after the sound: that is no call without one. */
const SOUND_ONLY_AFTER_MS = 1500;

export class StreamProgress {
  /** @type {Progress} */
  #state = 'connecting';
  #connected = false;
  #tracks = { video: false, audio: false };
  #pictureMs = -Infinity;
  /** Since when the stream has had sound and no picture. */
  #soundOnlyMs = Infinity;

  get state() {
    return this.#state;
  }

  get hasSound() {
    return this.#tracks.audio;
  }

  get soundOnly() {
    return this.#tracks.audio && !this.#tracks.video;
  }

  /** The connection stands. */
  opened() {
    this.#connected = true;
    if (this.#state === 'connecting') this.#state = 'waiting';
  }

  /** The connection is gone, and is being made anew. */
  lost() {
    this.#connected = false;
    this.#state = 'connecting';
  }

  /**
   * @param {{video: boolean, audio: boolean}} tracks
   * @param {number} nowMs
   */
  tracksChanged(tracks, nowMs) {
    if (tracks.video && !this.#tracks.video) this.#pictureMs = nowMs;
    this.#tracks = tracks;
    this.#soundOnlyMs = this.soundOnly ? Math.min(this.#soundOnlyMs, nowMs) : Infinity;
  }

  /** @param {number} nowMs */
  pictureShown(nowMs) {
    this.#pictureMs = nowMs;
    // What was buffered plays on for a moment after the connection broke: that is not playing.
    if (this.#connected && this.#state !== 'connecting') this.#state = 'playing';
  }

  /** The page is seen again: what it has not shown until now is nobody's fault. @param {number} nowMs */
  seen(nowMs) {
    this.#pictureMs = nowMs;
  }

  /**
   * Time has passed.
   * @param {number} nowMs
   * @param {boolean} visible
   */
  look(nowMs, visible) {
    if (this.#state === 'waiting' && nowMs - this.#soundOnlyMs > SOUND_ONLY_AFTER_MS) {
      this.#state = 'playing';
    }
    const still = nowMs - this.#pictureMs > STALLED_AFTER_MS;
    if (this.#state === 'playing' && this.#tracks.video && visible && still) this.#state = 'stalled';
    // The camera is off, and the sound goes on.
    if (this.#state === 'stalled' && this.soundOnly) this.#state = 'playing';
  }
}
