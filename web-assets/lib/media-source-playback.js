import { AppendQueue } from './append-queue.js';
import { PastTrimmer } from './past-trimmer.js';
import { ShownPictures } from './shown-pictures.js';
import { spareVideos } from './spare-videos.js';
import { StreamTimeline } from './stream-timeline.js';

/**
 * One video element with one MediaSource on it. The whole way of a cluster: push → queue → timeline →
 * SourceBuffer.
 *
 * What looks roundabout here was measured (docs/page.md): play() before the first append and never the
 * autoplay attribute; mode `segments`; no change of playbackRate and no seek.
 *
 * @typedef {import('./append-queue.js').Segment} Segment
 * @typedef {{video: boolean, audio: boolean}} Tracks
 * @typedef {{bytes: Uint8Array, offset: number}} Append
 *
 * @typedef {object} PlaybackListener
 * @property {(playback: Playback, pictures: number) => void} shown so many more pictures; or none, of sound
 *     alone and in a hidden page, whose clock moves
 * @property {(playback: Playback) => void} paused the engine has paused it
 * @property {(playback: Playback) => void} broken only a new MediaSource helps
 * @property {(playback: Playback, cause: unknown) => void} unplayable the engine does not take this type
 * @property {(playback: Playback) => void} full something was dropped: a key frame is needed
 * @property {(behind: number) => void} fed how much there was, in seconds, just before more was added
 */

/** @type {() => typeof MediaSource | undefined} */
export const mediaSource = () =>
  globalThis.MediaSource ?? /** @type {any} */ (globalThis).ManagedMediaSource;
const JOIN_BYTES = 256 << 10;

export class Playback {
  video;
  /** Whether a click has touched the element. */
  clicked;
  #listener;
  /** @type {MediaSource | undefined} */
  #source;
  /** @type {SourceBuffer | undefined} */
  #buffer;
  #objectUrl = '';
  #mime = '';
  /** @type {Tracks} */
  #tracks = { video: false, audio: false };
  #queue = new AppendQueue();
  #timeline = new StreamTimeline();
  #trimmer = new PastTrimmer();
  /** Placed already, and not appended yet. @type {Append | undefined} */
  #pending;
  #movedTo = 0;
  #hasShown = false;

  /** @param {PlaybackListener} listener */
  constructor(listener) {
    this.#listener = listener;
    ({ video: this.video, clicked: this.clicked } = spareVideos.take());
    this.video.muted = true;
    this.video.playsInline = true;
    this.video.disableRemotePlayback = true;
    this.video.setAttribute('part', 'video');
    this.video.addEventListener('pause', () => this.#source && listener.paused(this));
    this.video.addEventListener('error', () => this.#source && listener.broken(this));
    this.video.addEventListener('timeupdate', () => this.#timeUpdated());
    new ShownPictures(this.video, (pictures) => this.#source && this.#showed(pictures));
  }

  get isOpen() {
    return this.#source !== undefined;
  }

  /** Whether a first picture, or of sound alone a first sound, has been played. */
  get hasShown() {
    return this.#hasShown;
  }

  get tracks() {
    return this.#tracks;
  }

  get ranges() {
    return ranges(this.video.buffered);
  }

  /** Seconds from what is played to the newest there is. */
  get behind() {
    const newest = this.ranges.at(-1);
    return newest ? Math.max(0, newest[1] - this.video.currentTime) : 0;
  }

  /** The stream's time that is played, in seconds. */
  get streamTime() {
    return this.#timeline.streamTime(this.video.currentTime);
  }

  /** Pictures that were dropped because too much waited. */
  get dropped() {
    return this.#queue.dropped;
  }

  /** Seconds that were cut out of the stream. */
  get skipped() {
    return this.#timeline.skipped;
  }

  /**
   * A new MediaSource on the element.
   * @param {string} mime
   * @param {Uint8Array} init
   * @param {Tracks} tracks
   * @param {number} [beginsAt] the stream's time at which the element's time begins
   */
  open(mime, init, tracks, beginsAt = 0) {
    this.stop();
    const source = new /** @type {typeof MediaSource} */ (mediaSource())();
    this.#source = source;
    this.#mime = mime;
    this.#tracks = tracks;
    this.#timeline.begin(-beginsAt, tracks.audio);
    this.#objectUrl = URL.createObjectURL(source);
    this.video.src = this.#objectUrl;
    this.play();
    source.addEventListener('sourceopen', () => this.#opened(source, init), { once: true });
  }

  /**
   * @param {MediaSource} source
   * @param {Uint8Array} init
   */
  #opened(source, init) {
    if (source !== this.#source) return;
    URL.revokeObjectURL(this.#objectUrl);
    try {
      const buffer = source.addSourceBuffer(this.#mime);
      buffer.mode = 'segments';
      buffer.addEventListener('updateend', () => buffer === this.#buffer && this.#pump());
      this.#buffer = buffer;
      buffer.appendBuffer(/** @type {BufferSource} */ (init));
    } catch (cause) {
      this.#listener.unplayable(this, cause);
    }
  }

  /**
   * Whether a stream of this type can go on in this MediaSource. That costs nothing; a new one costs a
   * start.
   * @param {string} mime
   */
  canGoOnWith(mime) {
    return this.#buffer !== undefined && this.#source?.readyState === 'open' && this.#mime === mime;
  }

  /** @param {Segment} segment of the stream that was opened, or the init segment of one that goes on */
  push(segment) {
    if (!this.#queue.push(segment)) this.#listener.full(this);
    this.#pump();
  }

  /** Wins back delay, by leaving so many seconds out of what comes. @param {number} seconds */
  cut(seconds) {
    this.#timeline.cut(seconds);
  }

  #pump() {
    const buffer = this.#buffer;
    if (!buffer || buffer.updating || this.#source?.readyState !== 'open') return;
    const append = this.#gather(buffer);
    if (!append) return;
    if (this.#hasShown) this.#listener.fed(this.behind);
    try {
      if (buffer.timestampOffset !== append.offset) buffer.timestampOffset = append.offset;
      buffer.appendBuffer(/** @type {BufferSource} */ (append.bytes));
    } catch (error) {
      if (error instanceof DOMException && error.name === 'QuotaExceededError') {
        this.#makeRoom(buffer, append);
      } else {
        this.#listener.broken(this);
      }
    }
  }

  /**
   * What to append next: as much as goes to one offset.
   * @param {SourceBuffer} buffer
   * @returns {Append | undefined}
   */
  #gather(buffer) {
    const first = this.#pending ?? this.#begin(buffer) ?? this.#place();
    this.#pending = undefined;
    if (!first) return undefined;
    const parts = [first.bytes];
    let length = first.bytes.byteLength;
    while (length < JOIN_BYTES) {
      const next = this.#place();
      if (!next) break;
      if (next.offset !== first.offset) {
        this.#pending = next;
        break;
      }
      parts.push(next.bytes);
      length += next.bytes.byteLength;
    }
    return { bytes: parts.length === 1 ? first.bytes : concatenate(parts, length), offset: first.offset };
  }

  /**
   * A stream that goes on in this MediaSource: its time 0 is at the end of what there is.
   * @param {SourceBuffer} buffer
   * @returns {Append | undefined} its init segment, if that comes next
   */
  #begin(buffer) {
    if (!this.#queue.first?.init) return undefined;
    const { bytes } = /** @type {Segment} */ (this.#queue.shift());
    const end = ranges(buffer.buffered).at(-1)?.[1] ?? 0;
    this.#timeline.begin(end, this.#tracks.audio);
    return { bytes, offset: end };
  }

  /** @returns {Append | undefined} the next cluster with its place; undefined when none comes next */
  #place() {
    while (this.#queue.first && !this.#queue.first.init) {
      const { bytes, video, key, seconds } = /** @type {Segment} */ (this.#queue.shift());
      const offset = this.#timeline.place(video, seconds);
      if (offset === undefined) continue;
      if (video && key) this.#trimmer.keyFrameAt(seconds + offset);
      return { bytes, offset };
    }
    return undefined;
  }

  /**
   * The engine's buffer is full. What a trim at a key frame cannot free, a new MediaSource does.
   * @param {SourceBuffer} buffer
   * @param {Append} append what did not fit
   */
  #makeRoom(buffer, append) {
    const { removeTo } = this.#trimPlan(buffer);
    if (removeTo === undefined) return this.#listener.broken(this);
    this.#pending = append;
    buffer.remove(0, removeTo);
  }

  /**
   * Removes what of the past can be.
   * @returns {boolean} whether that wants a key frame
   */
  trim() {
    const buffer = this.#buffer;
    if (!buffer || buffer.updating || buffer.buffered.length === 0) return false;
    const { removeTo, needsKeyFrame } = this.#trimPlan(buffer);
    if (removeTo !== undefined) buffer.remove(0, removeTo);
    return needsKeyFrame;
  }

  /** @param {SourceBuffer} buffer */
  #trimPlan({ buffered }) {
    return this.#trimmer.plan({
      time: this.video.currentTime,
      start: buffered.length > 0 ? buffered.start(0) : 0,
      hasVideo: this.#tracks.video,
    });
  }

  play() {
    this.video.play().catch((error) => {
      // AbortError: a newer source took the place. NotAllowedError: sound without a click.
      if (error?.name === 'NotAllowedError') this.#listener.paused(this);
    });
  }

  /** Where no picture is shown, the clock is what moves. */
  #timeUpdated() {
    const { currentTime } = this.video;
    const showsPictures = this.#tracks.video && !document.hidden;
    if (!this.#source || showsPictures || currentTime <= this.#movedTo) return;
    this.#movedTo = currentTime;
    this.#showed(0);
  }

  /** @param {number} pictures */
  #showed(pictures) {
    this.#hasShown = true;
    this.#listener.shown(this, pictures);
  }

  /** Lets go of the MediaSource; the element shows nothing new from here on. */
  stop() {
    this.#source = undefined;
    this.#buffer = undefined;
    this.#pending = undefined;
    this.#hasShown = false;
    this.#movedTo = 0;
    this.#queue = new AppendQueue();
    this.#timeline = new StreamTimeline();
    this.#trimmer = new PastTrimmer();
    URL.revokeObjectURL(this.#objectUrl);
  }

  /** Gives up what the engine holds for the element: decoders, buffers, the way to the loudspeaker. */
  unload() {
    this.stop();
    this.video.removeAttribute('src');
    this.video.load();
  }
}

/**
 * @param {TimeRanges} buffered
 * @returns {import('./live-edge.js').Ranges}
 */
function ranges(buffered) {
  return Array.from({ length: buffered.length }, (_, i) => [buffered.start(i), buffered.end(i)]);
}

/**
 * @param {Uint8Array[]} parts
 * @param {number} length
 */
function concatenate(parts, length) {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}
