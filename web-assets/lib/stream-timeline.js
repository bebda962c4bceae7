/**
 * Where on the element's time line each piece of the stream goes. The stream's time begins at 0 with each
 * init segment; the element's never goes back. And here delay is won back: to cut a quarter of a second
 * out of the stream, what comes next is put a quarter of a second earlier than its turn. The element plays
 * on without a gap, a seek or another rate, and shows from there on what is newer by as much.
 *
 * Sound that falls into a cut is left out. A picture cannot be, because the next ones are made from it:
 * pictures of a cut follow each other at once, and are passed over.
 */

/** Two pictures of one time would replace each other. */
const PICTURE_STEP = 0.001;

export class StreamTimeline {
  #offset;
  /** The track whose packets begin and end a cut: the sound, or a picture without one. */
  #leadIsVideo = false;
  #lastPicture = -Infinity;
  #wanted = 0;
  /** Where the cut that is being made begins, in the stream's time. */
  #cutFrom = NaN;
  #skipped = 0;
  /** From which of the element's times on which offset holds. @type {[number, number][]} */
  #steps = [];

  /** @param {number} [offset] the element's time less the stream's, in seconds */
  constructor(offset = 0) {
    this.#offset = offset;
  }

  /** Seconds of the stream that were cut out. */
  get skipped() {
    return this.#skipped;
  }

  /** A cut was asked for, and has not been made yet. */
  get isCutting() {
    return this.#wanted > 0;
  }

  /**
   * The stream's time 0 is at this time of the element.
   * @param {number} elementSeconds
   * @param {boolean} hasAudio
   */
  begin(elementSeconds, hasAudio) {
    this.#offset = elementSeconds;
    this.#leadIsVideo = !hasAudio;
    this.#lastPicture = -Infinity;
    this.#wanted = 0;
    this.#cutFrom = NaN;
    this.#steps.push([elementSeconds, elementSeconds]);
  }

  /** Cuts at least so many seconds out of what comes next. @param {number} seconds */
  cut(seconds) {
    if (!this.isCutting) this.#wanted = seconds;
  }

  /**
   * @param {boolean} video
   * @param {number} seconds in the stream's time
   * @returns {number | undefined} the element's time less the stream's; undefined to leave it out
   */
  place(video, seconds) {
    if (this.#wanted > 0 && video === this.#leadIsVideo) this.#cutAt(seconds);
    const inCut = seconds >= this.#cutFrom;
    if (!video) return inCut ? undefined : this.#offset;
    const due = (inCut ? this.#cutFrom : seconds) + this.#offset;
    const time = Math.max(due, this.#lastPicture + PICTURE_STEP);
    this.#lastPicture = time;
    return time === seconds + this.#offset ? this.#offset : time - seconds;
  }

  /**
   * A packet of the leading track: the cut begins with one, and ends before one, so that the track has no
   * gap.
   * @param {number} seconds
   */
  #cutAt(seconds) {
    if (Number.isNaN(this.#cutFrom)) {
      this.#cutFrom = seconds;
      return;
    }
    const cut = seconds - this.#cutFrom;
    if (cut < this.#wanted - PICTURE_STEP / 2) return;
    this.#steps.push([this.#cutFrom + this.#offset, this.#offset - cut]);
    this.#offset -= cut;
    this.#skipped += cut;
    this.#wanted = 0;
    this.#cutFrom = NaN;
  }

  /**
   * The stream's time that is shown at a time of the element.
   * @param {number} elementSeconds
   */
  streamTime(elementSeconds) {
    const passed = this.#steps.findLastIndex(([from]) => from <= elementSeconds);
    if (passed > 0) this.#steps.splice(0, passed);
    const offset = this.#steps[0]?.[1] ?? this.#offset;
    return Math.max(0, elementSeconds - offset);
  }
}
