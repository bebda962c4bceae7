import { LatenessWindow } from './audio-ring.js';

/**
 * How far a MediaSource player is behind the newest that has come, and what to do about it. An engine
 * never wins back by itself what a stall cost. A change of playbackRate freezes WebKit, and a seek can
 * lock up the whole page there, so neither is done:
 *
 * - What was never needed during two seconds, and would not have been if all had come as late as things
 *   do come at times, is cut out of what comes next (stream-timeline.js). How much is left as a reserve
 *   follows from how the engine gets on with it.
 * - A player that is far behind, that has passed the end or stands before a gap begins anew at a new key
 *   frame. Each new start that does not last makes the next one less likely, and calm time makes up for it.
 *
 * @typedef {[start: number, end: number][]} Ranges buffered seconds, as TimeRanges lists them
 * @typedef {object} Playback
 * @property {number} time
 * @property {Ranges} ranges
 * @property {number} nowMs
 *
 * @typedef {{lost: true} | {lost: false, cut: number}} Advice `lost`: begin anew; `cut`: seconds to cut, or 0
 */

const LOST_SECONDS = 0.7;
const LOST_LIMIT_SECONDS = 3;
const GAP_SECONDS = 0.05;
/** A player that has just started is left alone for so long: its buffer has not settled. */
const SETTLING_MS = 800;
const WINDOW_MS = 2000;
const REFILLING_MS = 500;
/** A cut is heard: it has to be worth it. */
const SMALLEST_CUT = 0.04;
const RESERVE_SECONDS = 0.08;
const RESERVE_LIMIT_SECONDS = 0.4;
const RESERVE_STEP = 0.04;
const CALM_MS = 30_000;
/** What comes later by more is an outage: no reserve is worth it. */
const OUTAGE_SECONDS = 0.2;

export class LiveEdge {
  #lostSeconds = LOST_SECONDS;
  #reserve = RESERVE_SECONDS;
  /** What an engine still has when it stops is on its way to screen and loudspeaker: it is no reserve. */
  #leastReserve = RESERVE_SECONDS;
  #least = Infinity;
  #windowMs = Infinity;
  #settledMs = Infinity;
  #troubleMs = -Infinity;
  /** Of pictures and of sound: the one may always come later than the other. */
  #lateness = {
    video: new LatenessWindow(1, { reserve: 0, ceiling: OUTAGE_SECONDS }),
    audio: new LatenessWindow(1, { reserve: 0, ceiling: OUTAGE_SECONDS }),
  };
  /** By how much what came last was earlier than what comes late. */
  #early = 0;

  /** Seconds that playback keeps ahead of what it plays. */
  get reserve() {
    return this.#reserve;
  }

  /** Seconds that playback may be behind at any moment. */
  get tolerance() {
    return this.#lostSeconds;
  }

  /** A player shows its first. @param {number} nowMs */
  started(nowMs) {
    this.#settledMs = nowMs + SETTLING_MS;
    this.#openWindow(this.#settledMs);
  }

  /** A player is being started that has not shown anything yet, and is not judged until it does. */
  get isStarting() {
    return this.#settledMs === Infinity;
  }

  starting() {
    this.#settledMs = Infinity;
  }

  /** Time begins anew. */
  begun() {
    this.#lateness.video.clear();
    this.#lateness.audio.clear();
  }

  /**
   * Something has come.
   * @param {'video' | 'audio'} kind
   * @param {number} seconds its time in the stream
   * @param {number} nowMs
   */
  arrived(kind, seconds, nowMs) {
    const lateness = this.#lateness[kind];
    lateness.observe(nowMs / 1000, seconds);
    this.#early = Math.max(0, lateness.needed - (nowMs / 1000 - seconds));
  }

  /**
   * How much there is just before what came last is added, which is when there is least.
   * @param {number} behind seconds
   * @param {number} nowMs
   */
  sample(behind, nowMs) {
    if (nowMs >= this.#windowMs) this.#least = Math.min(this.#least, behind - this.#early);
  }

  /**
   * Playback had to stop for want of more. Chromium waits for twice as much each time before it goes on.
   * @param {number} behind seconds that it still had
   * @param {number} nowMs
   */
  stalled(behind, nowMs) {
    if (nowMs < this.#settledMs) return;
    const least = Math.min(RESERVE_LIMIT_SECONDS, behind + RESERVE_STEP);
    this.#leastReserve = Math.max(this.#leastReserve, least);
    const more = Math.min(RESERVE_LIMIT_SECONDS, this.#reserve + RESERVE_STEP);
    this.#reserve = Math.max(this.#leastReserve, more);
    this.#troubleMs = nowMs;
    // How little there is while it fills up again says nothing.
    this.#openWindow(nowMs + REFILLING_MS);
  }

  /**
   * @param {Playback} playback
   * @returns {Advice}
   */
  look(playback) {
    const { nowMs } = playback;
    if (nowMs < this.#settledMs || playback.ranges.length === 0) return { lost: false, cut: 0 };
    if (this.#isLost(playback)) {
      this.#lostSeconds = Math.min(LOST_LIMIT_SECONDS, this.#lostSeconds * 1.5);
      this.#troubleMs = nowMs;
      return { lost: true };
    }
    this.#calmDown(nowMs);
    return { lost: false, cut: this.#unneeded(nowMs) };
  }

  /** @param {Playback} playback */
  #isLost({ time, ranges }) {
    const [start, end] = /** @type {[number, number]} */ (ranges.at(-1));
    if (time > end + GAP_SECONDS) return true;
    if (time >= start) return end - time > this.#lostSeconds;
    // Before the newest range: a gap in time, over which no engine plays. What is left of the range that
    // holds the time is played out first.
    const holding = ranges.find(([s, e]) => time >= s && time < e - GAP_SECONDS);
    return !holding || end - time > this.#lostSeconds;
  }

  /** @param {number} nowMs */
  #unneeded(nowMs) {
    if (nowMs - this.#windowMs < WINDOW_MS) return 0;
    const cut = this.#least - this.#reserve;
    const worthIt = cut >= SMALLEST_CUT && cut < Infinity;
    // A cut takes its own length, and shows only when all before it has been played.
    this.#openWindow(worthIt ? nowMs + 1000 * (this.#least + cut) : nowMs);
    return worthIt ? cut : 0;
  }

  /** Trouble is not for ever: without any, reserve and tolerance go back step by step. @param {number} nowMs */
  #calmDown(nowMs) {
    if (nowMs - this.#troubleMs < CALM_MS) return;
    this.#troubleMs = nowMs;
    this.#reserve = Math.max(this.#leastReserve, this.#reserve - RESERVE_STEP / 2);
    this.#lostSeconds = Math.max(LOST_SECONDS, this.#lostSeconds / 1.5);
  }

  /** @param {number} fromMs */
  #openWindow(fromMs) {
    this.#windowMs = fromMs;
    this.#least = Infinity;
  }
}
