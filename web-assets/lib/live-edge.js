/**
 * Where a MediaSource player has to be: as near to the newest picture as the engine can hold.
 * An engine never wins back by itself what a stall cost, and WebKit freezes on continuous changes of
 * playbackRate. So there is one seek when playback is far behind at any moment, or somewhat behind all
 * the time; and each seek that does not last makes the next one less likely.
 */

const BEHIND_SECONDS = 0.5;
const BEHIND_LIMIT_SECONDS = 3;
const ALWAYS_BEHIND_SECONDS = 0.35;
const ALWAYS_WINDOW_MS = 2000;
const LANDING_SECONDS = 0.2;
const GAP_SECONDS = 0.05;
const CROWDED_MS = 10_000;
const CROWDED_SEEKS = 3;

/** @typedef {[start: number, end: number][]} Ranges buffered seconds, as TimeRanges lists them */

export class LiveEdge {
  #behind = BEHIND_SECONDS;
  #alwaysBehind = ALWAYS_BEHIND_SECONDS;
  #leastBehind = Infinity;
  #windowMs = -Infinity;
  #lastSeekMs = -Infinity;
  /** @type {number[]} */
  #seeks = [];

  /** Seconds that playback may be behind before it is moved. */
  get tolerance() {
    return this.#behind;
  }

  /**
   * @param {{time: number, ranges: Ranges, nowMs: number, seeking?: boolean}} playback
   * @returns {number | undefined} the time to seek to, when a seek is due
   */
  seekTarget({ time, ranges, nowMs, seeking = false }) {
    const newest = ranges.at(-1);
    if (!newest || seeking || nowMs - this.#lastSeekMs < 400) return undefined;
    const [start, end] = newest;
    const landing = Math.max(start, end - LANDING_SECONDS);
    if (time > end + GAP_SECONDS) return this.#seek(landing, nowMs);
    if (time < start) {
      // Before the newest range: a gap in time, over which no engine plays. What is left of the
      // range that holds the time is played out first.
      const holding = ranges.find(([s, e]) => time >= s && time < e - GAP_SECONDS);
      return holding && end - time <= this.#behind ? undefined : this.#seek(landing, nowMs);
    }
    if (end - time > this.#behind) return this.#seek(landing, nowMs);
    if (!this.#isAlwaysBehind(end - time, nowMs)) return undefined;
    this.#alwaysBehind *= 1.5;
    return this.#seek(landing, nowMs);
  }

  /**
   * @param {number} behind
   * @param {number} nowMs
   */
  #isAlwaysBehind(behind, nowMs) {
    if (this.#windowMs === -Infinity) this.#windowMs = nowMs;
    this.#leastBehind = Math.min(this.#leastBehind, behind);
    if (nowMs - this.#windowMs < ALWAYS_WINDOW_MS) return false;
    const always = this.#leastBehind > this.#alwaysBehind;
    this.#leastBehind = Infinity;
    this.#windowMs = nowMs;
    return always;
  }

  /**
   * @param {number} target
   * @param {number} nowMs
   */
  #seek(target, nowMs) {
    this.#lastSeekMs = nowMs;
    this.#leastBehind = Infinity;
    this.#windowMs = nowMs;
    this.#seeks = this.#seeks.filter((at) => nowMs - at < CROWDED_MS);
    this.#seeks.push(nowMs);
    if (this.#seeks.length > CROWDED_SEEKS) {
      // This machine cannot hold so short a buffer. Each seek costs a visible jump: allow it more.
      this.#behind = Math.min(BEHIND_LIMIT_SECONDS, this.#behind * 1.5);
      this.#alwaysBehind = Math.max(this.#alwaysBehind, this.#behind);
      this.#seeks = [];
    }
    return target;
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
