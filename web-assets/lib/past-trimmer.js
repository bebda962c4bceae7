/**
 * What of the past may be removed from a SourceBuffer. Removing past the last key frame destroys the
 * picture that is being shown, so a cut is made at a key frame only, well behind the playback.
 */
export class PastTrimmer {
  #keepSeconds;
  #stepSeconds;
  /** @type {number[]} */
  #keys = [];

  /** @param {{keepSeconds?: number, stepSeconds?: number}} [options] */
  constructor({ keepSeconds = 10, stepSeconds = 10 } = {}) {
    this.#keepSeconds = keepSeconds;
    this.#stepSeconds = stepSeconds;
  }

  /** @param {number} seconds the time of a video key frame */
  keyFrameAt(seconds) {
    this.#keys.push(seconds);
  }

  /**
   * @param {{time: number, start: number, hasVideo: boolean}} playback `start`: of what is buffered
   * @returns {{removeTo?: number, needsKeyFrame: boolean}} up to where to remove, if at all; and
   *     whether so much has gathered without a key frame that one should be asked for
   */
  plan({ time, start, hasVideo }) {
    const limit = time - this.#keepSeconds;
    if (limit - start < this.#stepSeconds) return { needsKeyFrame: false };
    if (!hasVideo) return { removeTo: limit, needsKeyFrame: false };
    const cut = this.#keys.findLast((key) => key <= limit);
    if (cut !== undefined && cut - start >= this.#stepSeconds) {
      this.#keys = this.#keys.filter((key) => key >= cut);
      return { removeTo: cut, needsKeyFrame: false };
    }
    const newestKey = this.#keys.at(-1) ?? start;
    return { needsKeyFrame: time - newestKey >= 6 * this.#stepSeconds };
  }
}
