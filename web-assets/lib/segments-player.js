import { AppendQueue } from './append-queue.js';
import { HeliographError } from './heliograph-error.js';
import { LiveEdge, PastTrimmer } from './live-edge.js';
import { PlaybackWatchdog } from './playback-watchdog.js';
import { mayPlaySound } from './sound-permission.js';
import { readCluster, readTracks } from './webm.js';

/**
 * Plays `format=webm` with MediaSource. The whole way of a cluster: receiveBinary → queue → SourceBuffer
 * → video element; `#tend` then sees to it that playback stays at the live edge and the past short.
 *
 * What looks roundabout here was measured (docs/page.md): play() before the first append and never
 * the autoplay attribute; mode `segments`; no change of playbackRate and no seek; a new MediaSource
 * when an engine stands still or is far behind.
 *
 * @typedef {import('./player.js').Player} Player
 * @typedef {import('./player.js').PlayerListener} PlayerListener
 */

/** @type {typeof MediaSource | undefined} */
const Source = globalThis.MediaSource ?? /** @type {any} */ (globalThis).ManagedMediaSource;
const TEND_EVERY_MS = 250;
const KEY_FRAME_REQUEST_MS = 500;

/** Whether this engine plays live WebM at all. */
export function canPlaySegments() {
  return Source?.isTypeSupported('video/webm; codecs="vp8,opus"') === true;
}

/** @implements {Player} */
export class SegmentsPlayer {
  format = /** @type {const} */ ('webm');
  element = document.createElement('div');
  #video = document.createElement('video');
  /** The last picture of the MediaSource before, over the video until the new one shows its first. */
  #still = document.createElement('canvas');
  #listener;

  /** @type {MediaSource | undefined} */
  #source;
  /** @type {SourceBuffer | undefined} */
  #buffer;
  #objectUrl = '';
  #queue = new AppendQueue();
  #edge = new LiveEdge();
  #trimmer = new PastTrimmer();
  #watchdog = new PlaybackWatchdog();
  #tending = setInterval(() => this.#tend(), TEND_EVERY_MS);

  #mime = '';
  #initDue = false;
  /** @type {Uint8Array | undefined} */
  #init;
  #attachedMime = '';
  /** An init segment that waits to go on in the same MediaSource. @type {Uint8Array | undefined} */
  #nextInit;
  /** A new start is wanted; the next key frame makes it. */
  #renewing = false;
  /** Where in the element's time the stream's time 0 lies. */
  #offset = 0;
  /** Key frames whose offset is not known yet, in seconds of the stream's time. @type {number[]} */
  #earlyKeys = [];
  #videoTrack = -1;
  #hasAudio = false;
  #soundOn = false;
  #visible = true;
  #shown = 0;
  #dropped = 0;
  #arrivedMs = -Infinity;
  #askedMs = -Infinity;
  #closed = false;

  /** @param {PlayerListener} listener */
  constructor(listener) {
    this.#listener = listener;
    this.#video.muted = true;
    this.#video.playsInline = true;
    this.#video.disableRemotePlayback = true;
    this.#video.setAttribute('part', 'video');
    this.#still.hidden = true;
    this.element.className = 'segments';
    this.element.append(this.#video, this.#still);
    this.#video.addEventListener('pause', () => this.#paused());
    this.#video.addEventListener('error', () => this.#source && this.rebuild());
    this.#video.addEventListener('resize', () =>
      this.#listener.resized(this.#video.videoWidth, this.#video.videoHeight),
    );
    this.#watchPictures();
  }

  /** @param {Record<string, any>} message */
  receiveText(message) {
    if (message.type !== 'init' || typeof message.mime !== 'string') return;
    this.#mime = message.mime;
    this.#initDue = true;
  }

  /** @param {ArrayBuffer} message */
  receiveBinary(message) {
    const bytes = new Uint8Array(message);
    if (this.#initDue) {
      this.#initDue = false;
      this.#begin(bytes);
    } else if (this.#init) {
      this.#receiveCluster(bytes);
    }
  }

  /** The connection is a new one; its first message announces its init segment. */
  reset() {
    this.#init = undefined;
    this.#initDue = false;
  }

  /** @param {Uint8Array} init */
  #begin(init) {
    const tracks = readTracks(init);
    this.#videoTrack = tracks.find(({ video }) => video)?.number ?? -1;
    this.#hasAudio = tracks.some(({ video }) => !video);
    this.#init = init;
    this.#listener.tracksChanged({ video: this.#videoTrack >= 0, audio: this.#hasAudio });
    if (!Source?.isTypeSupported(this.#mime)) {
      this.#listener.failed(
        new HeliographError('format_unsupported', `This webview does not play ${this.#mime}.`),
      );
      return;
    }
    this.#queue = new AppendQueue();
    const open = this.#buffer !== undefined && this.#source?.readyState === 'open';
    if (open && !this.#renewing && this.#mime === this.#attachedMime) {
      this.#nextInit = init;
      this.#pump();
    } else {
      this.#attach(init);
    }
  }

  /**
   * Time begins at 0 again, and the tracks are of the same kinds: in the same MediaSource it goes on
   * from the end of what there is. That costs nothing; a new MediaSource costs a start.
   * @param {SourceBuffer} buffer
   * @param {Uint8Array} init
   */
  #continueWith(buffer, init) {
    this.#nextInit = undefined;
    this.#edge.started(performance.now());
    this.#offset = ranges(buffer.buffered).at(-1)?.[1] ?? 0;
    for (const seconds of this.#earlyKeys.splice(0)) this.#trimmer.keyFrameAt(seconds + this.#offset);
    try {
      buffer.timestampOffset = this.#offset;
      buffer.appendBuffer(/** @type {BufferSource} */ (init));
    } catch {
      this.#attach(init);
    }
  }

  /**
   * A new MediaSource on the same video element: a click for sound belongs to the element, so the
   * element stays.
   * @param {Uint8Array} init
   * @param {number} [beginsAt] the stream's time, in seconds, at which the element's time begins
   */
  #attach(init, beginsAt = 0) {
    this.#keepStill();
    this.#detach();
    const source = new /** @type {typeof MediaSource} */ (Source)();
    this.#source = source;
    this.#attachedMime = this.#mime;
    this.#offset = -beginsAt;
    this.#nextInit = undefined;
    this.#earlyKeys = [];
    this.#renewing = false;
    this.#edge.started(performance.now());
    this.#trimmer = new PastTrimmer();
    this.#objectUrl = URL.createObjectURL(source);
    this.#video.src = this.#objectUrl;
    this.#play();
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
      buffer.timestampOffset = this.#offset;
      buffer.addEventListener('updateend', () => buffer === this.#buffer && this.#pump());
      this.#buffer = buffer;
      buffer.appendBuffer(/** @type {BufferSource} */ (init));
    } catch (cause) {
      this.#listener.failed(
        new HeliographError('format_unsupported', `This webview does not play ${this.#mime}.`, {
          cause,
        }),
      );
    }
  }

  /** @param {Uint8Array} bytes */
  #receiveCluster(bytes) {
    const blocks = readCluster(bytes);
    const picture = blocks.find(({ track }) => track === this.#videoTrack);
    const entry = this.#videoTrack >= 0 ? picture : blocks[0];
    if (this.#renewing && this.#init && entry?.key) {
      this.#queue = new AppendQueue();
      this.#attach(this.#init, entry.timeMs / 1000);
    }
    if (entry) this.#arrivedMs = performance.now();
    if (picture) {
      const seconds = picture.timeMs / 1000;
      if (picture.key && this.#nextInit) this.#earlyKeys.push(seconds);
      else if (picture.key) this.#trimmer.keyFrameAt(seconds + this.#offset);
    }
    const segment = { bytes, video: picture !== undefined, key: picture?.key === true };
    if (!this.#queue.push(segment)) {
      this.#dropped += 1;
      this.#askForKeyFrame();
    }
    this.#pump();
  }

  #pump() {
    const buffer = this.#buffer;
    if (!buffer || buffer.updating || this.#source?.readyState !== 'open') return;
    if (this.#nextInit) return this.#continueWith(buffer, this.#nextInit);
    if (this.#queue.isEmpty) return;
    const bytes = this.#queue.take();
    try {
      buffer.appendBuffer(/** @type {BufferSource} */ (bytes));
    } catch (error) {
      if (error instanceof DOMException && error.name === 'QuotaExceededError') {
        this.#queue.giveBack(bytes);
        this.#makeRoom(buffer);
      } else {
        this.rebuild();
      }
    }
  }

  /**
   * The engine's buffer is full. What a trim at a key frame cannot free, a new MediaSource does.
   * @param {SourceBuffer} buffer
   */
  #makeRoom(buffer) {
    const plan = this.#trimmer.plan({
      time: this.#video.currentTime,
      start: buffer.buffered.length > 0 ? buffer.buffered.start(0) : 0,
      hasVideo: this.#videoTrack >= 0,
    });
    if (plan.removeTo === undefined) this.rebuild();
    else buffer.remove(0, plan.removeTo);
  }

  #tend() {
    if (!this.#source) return;
    this.#trim();
    if (this.#video.paused && this.#visible) this.#play();
    if (this.#renewing) this.#askForKeyFrame();
    else if (this.#isBehind()) this.rebuild();
    this.#lookForStandstill();
  }

  #isBehind() {
    return this.#edge.isLost({
      time: this.#video.currentTime,
      ranges: ranges(this.#video.buffered),
      nowMs: performance.now(),
    });
  }

  #trim() {
    const buffer = this.#buffer;
    if (!buffer || buffer.updating || buffer.buffered.length === 0) return;
    const plan = this.#trimmer.plan({
      time: this.#video.currentTime,
      start: buffer.buffered.start(0),
      hasVideo: this.#videoTrack >= 0,
    });
    if (plan.needsKeyFrame) this.#askForKeyFrame(10_000);
    if (plan.removeTo !== undefined) buffer.remove(0, plan.removeTo);
  }

  #lookForStandstill() {
    const hasVideo = this.#videoTrack >= 0;
    const verdict = this.#watchdog.observe({
      nowMs: performance.now(),
      // A stream of sound alone shows nothing: there the clock is what must move.
      shown: hasVideo ? this.#shown : this.#video.currentTime,
      arrivedMs: this.#arrivedMs,
      visible: this.#visible,
    });
    if (verdict === 'stuck') this.rebuild();
    if (verdict === 'hopeless') {
      this.#detach();
      this.#listener.connectionNeeded();
    }
  }

  /**
   * Starts over at the next key frame. Until it comes, what is there goes on.
   */
  rebuild() {
    if (!this.#init || this.#closed) return;
    this.#renewing = true;
    this.#askForKeyFrame();
  }

  #askForKeyFrame(intervalMs = KEY_FRAME_REQUEST_MS) {
    const nowMs = performance.now();
    if (this.#videoTrack < 0 || nowMs - this.#askedMs < intervalMs) return;
    this.#askedMs = nowMs;
    this.#listener.send({ type: 'keyframe' });
  }

  #play() {
    this.#video.play().catch((error) => {
      // AbortError: a newer source took the place. NotAllowedError: sound without a click.
      if (error?.name === 'NotAllowedError') this.#mutedByEngine();
    });
  }

  /** WebKit pauses a video that is unmuted without a click, and says nothing. */
  #paused() {
    if (this.#closed || !this.#source || this.#video.ended) return;
    if (!this.#video.muted) this.#mutedByEngine();
  }

  #mutedByEngine() {
    if (this.#video.muted) return;
    this.#video.muted = true;
    this.#listener.soundChanged(false);
    this.#play();
  }

  /**
   * @param {boolean} on
   * @param {boolean} [clicked]
   * @returns {Promise<boolean>}
   */
  async setSound(on, clicked = false) {
    this.#soundOn = on;
    if (!on) {
      this.#video.muted = true;
      return false;
    }
    if (!this.#video.muted) return true;
    // No await after a click: the engine counts only what happens within it.
    if (!clicked && !(await mayPlaySound())) return false;
    if (!this.#soundOn || this.#closed) return false;
    this.#video.muted = false;
    this.#play();
    this.#listener.soundChanged(!this.#video.muted);
    return !this.#video.muted;
  }

  /** @param {number} volume */
  setVolume(volume) {
    this.#video.volume = volume;
  }

  /** @param {boolean} visible */
  setVisible(visible) {
    this.#visible = visible;
    if (visible) this.#tend();
  }

  /** Frames that were really presented; getVideoPlaybackQuality() stays at 0 in WebKit. */
  #watchPictures() {
    const video = this.#video;
    const presented = () => {
      this.#shown += 1;
      this.#still.hidden = true;
      this.#listener.pictureShown();
    };
    if (video.requestVideoFrameCallback) {
      const next = () => {
        if (this.#closed) return;
        presented();
        video.requestVideoFrameCallback(next);
      };
      video.requestVideoFrameCallback(next);
    } else {
      video.addEventListener('timeupdate', presented);
    }
  }

  #keepStill() {
    const { videoWidth: width, videoHeight: height } = this.#video;
    if (!width || !this.#still.hidden) return;
    this.#still.width = width;
    this.#still.height = height;
    this.#still.getContext('2d')?.drawImage(this.#video, 0, 0);
    this.#still.hidden = false;
  }

  #detach() {
    this.#source = undefined;
    this.#buffer = undefined;
    URL.revokeObjectURL(this.#objectUrl);
  }

  /** @returns {import('./player.js').PlayerStats} */
  stats() {
    const buffered = this.#video.buffered;
    const ahead =
      buffered.length > 0 ? buffered.end(buffered.length - 1) - this.#video.currentTime : 0;
    return {
      format: 'webm',
      shown: this.#shown,
      dropped: this.#dropped,
      buffered: Math.max(0, ahead),
      // While the end of the time before is still shown, the new time has not begun.
      clock: Math.max(0, this.#video.currentTime - this.#offset),
      latency: Math.max(0, ahead),
      rebuilds: 0,
      audioUnderruns: 0,
    };
  }

  close() {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#tending);
    this.#detach();
    this.#video.removeAttribute('src');
    this.#video.load();
  }
}

/**
 * @param {TimeRanges} buffered
 * @returns {import('./live-edge.js').Ranges}
 */
function ranges(buffered) {
  return Array.from({ length: buffered.length }, (_, i) => [buffered.start(i), buffered.end(i)]);
}
