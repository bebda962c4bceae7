/**
 * Whether a MediaSource player is still near enough to the newest picture. An engine never wins back by
 * itself what a stall cost; a change of playbackRate freezes WebKit, and a seek can lock up the whole
 * page there. So the one remedy is a new start at a new key frame; and each that does not last makes the
 * next one less likely.
 */

const BEHIND_SECONDS = 0.5;
const BEHIND_LIMIT_SECONDS = 3;
const ALWAYS_BEHIND_SECONDS = 0.35;
const ALWAYS_WINDOW_MS = 2000;
const GAP_SECONDS = 0.05;
/** A player that has just started is left alone for so long: its buffer has not settled. */
const SETTLING_MS = 3000;

/**
 * @typedef {[start: number, end: number][]} Ranges buffered seconds, as TimeRanges lists them
 * @typedef {object} Playback
 * @property {number} time
 * @property {Ranges} ranges
 * @property {number} nowMs
 */

export class LiveEdge {
  #behind = BEHIND_SECONDS;
  #alwaysBehind = ALWAYS_BEHIND_SECONDS;
  #leastBehind = Infinity;
  #windowMs = -Infinity;
  #startedMs = -Infinity;

  /** Seconds that playback may be behind at any moment. */
  get tolerance() {
    return this.#behind;
  }

  /** @param {number} nowMs when a player began */
  started(nowMs) {
    this.#startedMs = nowMs;
    this.#windowMs = nowMs + SETTLING_MS;
    this.#leastBehind = Infinity;
  }

  /**
   * @param {Playback} playback
   * @returns {boolean} whether to start anew
   */
  isLost({ time, ranges, nowMs }) {
    const newest = ranges.at(-1);
    if (!newest || nowMs - this.#startedMs < SETTLING_MS) return false;
    const [start, end] = newest;
    if (time > end + GAP_SECONDS) return true;
    if (time < start) {
      // Before the newest range: a gap in time, over which no engine plays. What is left of the
      // range that holds the time is played out first.
      const holding = ranges.find(([s, e]) => time >= s && time < e - GAP_SECONDS);
      return !holding || end - time > this.#behind;
    }
    if (end - time > this.#behind) {
      this.#behind = Math.min(BEHIND_LIMIT_SECONDS, this.#behind * 1.5);
      this.#alwaysBehind = Math.max(this.#alwaysBehind, this.#behind * 0.7);
      return true;
    }
    return this.#isAlwaysBehind(end - time, nowMs);
  }

  /**
   * @param {number} behind
   * @param {number} nowMs
   */
  #isAlwaysBehind(behind, nowMs) {
    this.#leastBehind = Math.min(this.#leastBehind, behind);
    if (nowMs - this.#windowMs < ALWAYS_WINDOW_MS) return false;
    const always = this.#leastBehind > this.#alwaysBehind;
    if (always) this.#alwaysBehind *= 1.5;
    this.#leastBehind = Infinity;
    this.#windowMs = nowMs;
    return always;
  }
}

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
