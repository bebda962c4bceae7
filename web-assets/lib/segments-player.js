import { HeliographError } from './heliograph-error.js';
import { LiveEdge } from './live-edge.js';
import { Playback, mediaSource } from './media-source-playback.js';
import { fitsPage, tooLarge } from './picture-limit.js';
import { PlaybackWatchdog } from './playback-watchdog.js';
import { mayPlaySound } from './sound-permission.js';
import { readCluster, readTracks } from './webm.js';

/**
 * Plays `format=webm` with MediaSource. The whole way of a cluster: receiveBinary → playback (queue, time
 * line, SourceBuffer, video element); `#tend` then sees to it that playback stays at the live edge and
 * the past short.
 *
 * When an engine stands still, is far behind, or other kinds of tracks come, a new MediaSource begins on a
 * second element, muted and behind the first, which goes on with what it has. With the first picture of
 * the second they change places: nobody sees or hears a gap.
 *
 * @typedef {import('./player.js').Player} Player
 * @typedef {import('./player.js').PlayerListener} PlayerListener
 */

const TEND_EVERY_MS = 250;
const KEY_FRAME_REQUEST_MS = 500;
/** To trim the past a key frame may be asked for only so often: each costs the sender some quality. */
const TRIM_REQUEST_MS = 10_000;

/** Whether this engine plays live WebM at all. */
export function canPlaySegments() {
  return mediaSource()?.isTypeSupported('video/webm; codecs="vp8,opus"') === true;
}

/** @implements {Player} */
export class SegmentsPlayer {
  format = /** @type {const} */ ('webm');
  element = document.createElement('div');
  #listener;
  /** What is seen and heard. @type {Playback} */
  #front;
  /** Takes over from the front when it shows its first; otherwise idle. @type {Playback} */
  #back;
  #edge = new LiveEdge();
  #watchdog = new PlaybackWatchdog();
  #tending = setInterval(() => this.#tend(), TEND_EVERY_MS);

  #mime = '';
  #initDue = false;
  /** @type {Uint8Array | undefined} */
  #init;
  #videoTrack = -1;
  #hasAudio = false;
  /** A new start is wanted; the next key frame makes it. */
  #renewing = false;
  #soundOn = false;
  #visible = true;
  #shown = 0;
  /** Of playbacks that are no more. */
  #past = { dropped: 0, skipped: 0 };
  #rebuilds = 0;
  #toldOfSize = false;
  #arrivedMs = -Infinity;
  #askedMs = -Infinity;
  /** What was wanted of the sound last: an earlier wish that the engine is still asked about is void. */
  #wish = {};
  #closed = false;

  /** @param {PlayerListener} listener */
  constructor(listener) {
    this.#listener = listener;
    this.#front = this.#createPlayback();
    this.#back = this.#createPlayback();
    this.element.className = 'segments';
    this.element.append(this.#front.video);
  }

  #createPlayback() {
    const playback = new Playback({
      shown: (which, pictures) => this.#showed(which, pictures),
      paused: (which) => which === this.#front && this.#mutedByEngine(),
      broken: () => this.rebuild(),
      unplayable: (_, cause) => this.#cannotPlay(cause),
      full: () => this.#askForKeyFrame(),
      fed: (behind) => this.#edge.sample(behind, performance.now()),
    });
    playback.video.addEventListener('waiting', () => {
      if (playback === this.#fed) this.#edge.stalled(playback.behind, performance.now());
    });
    playback.video.addEventListener('resize', () => {
      if (playback === this.#front) this.#tellSize();
    });
    return playback;
  }

  /** The playback that what comes goes to. */
  get #fed() {
    return this.#back.isOpen ? this.#back : this.#front;
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
    const picture = tracks.find(({ video }) => video);
    if (picture && !fitsPage(picture.width, picture.height)) return this.#refusePicture(picture);
    this.#videoTrack = picture?.number ?? -1;
    this.#hasAudio = tracks.some(({ video }) => !video);
    this.#init = init;
    this.#edge.begun();
    this.#listener.tracksChanged(this.#tracks);
    if (!mediaSource()?.isTypeSupported(this.#mime)) return this.#cannotPlay();
    if (!this.#renewing && this.#fed.canGoOnWith(this.#mime)) {
      this.#fed.push({ bytes: init, init: true, video: false, key: false, seconds: 0 });
    } else {
      this.#startAnew(init, 0);
    }
  }

  /**
   * Nothing of such a stream is given to the engine; another begins when the picture is smaller, or
   * gone. What was shown before stands. Told once.
   * @param {import('./webm.js').WebmTrack} picture
   */
  #refusePicture({ width, height }) {
    this.#init = undefined;
    if (this.#toldOfSize) return;
    this.#toldOfSize = true;
    this.#listener.failed(tooLarge(width, height));
  }

  get #tracks() {
    return { video: this.#videoTrack >= 0, audio: this.#hasAudio };
  }

  /** @param {unknown} [cause] */
  #cannotPlay(cause) {
    const words = `This webview does not play ${this.#mime}.`;
    this.#listener.failed(new HeliographError('format_unsupported', words, { cause }));
  }

  /**
   * @param {Uint8Array} init
   * @param {number} beginsAt the stream's time, in seconds
   */
  #startAnew(init, beginsAt) {
    this.#renewing = false;
    this.#edge.starting();
    const target = this.#front.hasShown ? this.#back : this.#front;
    if (target === this.#back) {
      this.#rebuilds += 1;
      target.video.muted = true;
      this.element.append(target.video);
    }
    target.open(this.#mime, init, this.#tracks, beginsAt);
  }

  /** @param {Uint8Array} bytes */
  #receiveCluster(bytes) {
    const blocks = readCluster(bytes);
    const picture = blocks.find(({ track }) => track === this.#videoTrack);
    const block = picture ?? blocks[0];
    if (!block) return;
    const video = picture !== undefined;
    const seconds = block.timeMs / 1000;
    this.#edge.arrived(video ? 'video' : 'audio', seconds, performance.now());
    const canBegin = this.#videoTrack >= 0 ? video && block.key : true;
    if (this.#renewing && this.#init && canBegin) this.#startAnew(this.#init, seconds);
    if (video || this.#videoTrack < 0) this.#arrivedMs = performance.now();
    this.#fed.push({ bytes, video, key: video && block.key, seconds });
  }

  /**
   * @param {Playback} playback
   * @param {number} pictures
   */
  #showed(playback, pictures) {
    if (this.#closed) return;
    if (playback === this.#back) this.#changePlaces();
    if (playback === this.#fed && this.#edge.isStarting) this.#edge.started(performance.now());
    if (pictures === 0) return;
    this.#shown += pictures;
    this.#listener.pictureShown();
  }

  /** The back has shown its first: it takes over, without a moment in which neither is heard. */
  #changePlaces() {
    const left = this.#front;
    this.#front = this.#back;
    this.#back = left;
    this.#front.video.muted = !this.#soundOn;
    left.video.muted = true;
    left.video.remove();
    this.#past.dropped += left.dropped;
    this.#past.skipped += left.skipped;
    const { videoWidth, videoHeight } = left.video;
    left.unload();
    const { video } = this.#front;
    if (video.videoWidth !== videoWidth || video.videoHeight !== videoHeight) this.#tellSize();
  }

  #tellSize() {
    const { videoWidth, videoHeight } = this.#front.video;
    if (videoWidth > 0) this.#listener.resized(videoWidth, videoHeight);
  }

  #tend() {
    const nowMs = performance.now();
    const fed = this.#fed;
    if (!fed.isOpen) return;
    if (this.#front.trim()) this.#askForKeyFrame(TRIM_REQUEST_MS);
    if (this.#visible || this.#soundOn) this.#keepPlaying();
    if (this.#renewing) this.#askForKeyFrame();
    else this.#stayAtTheEdge(fed, nowMs);
    this.#lookForStandstill(nowMs);
  }

  #keepPlaying() {
    for (const playback of [this.#front, this.#back]) {
      if (playback.isOpen && playback.video.paused) playback.play();
    }
  }

  /**
   * @param {Playback} fed
   * @param {number} nowMs
   */
  #stayAtTheEdge(fed, nowMs) {
    const { currentTime: time } = fed.video;
    const advice = this.#edge.look({ time, ranges: fed.ranges, nowMs });
    if (advice.lost) this.rebuild();
    else if (advice.cut > 0) fed.cut(advice.cut);
  }

  /** @param {number} nowMs */
  #lookForStandstill(nowMs) {
    const seen = this.#visible && this.#videoTrack >= 0;
    const verdict = this.#watchdog.observe({
      nowMs,
      // What nobody sees, or what has no picture, shows nothing: there the clock is what must move.
      shown: seen ? this.#shown : this.#fed.video.currentTime,
      arrivedMs: this.#arrivedMs,
      wanted: this.#visible || this.#soundOn,
    });
    if (verdict === 'stuck') this.rebuild();
    if (verdict === 'hopeless') {
      this.#renewing = true;
      this.#listener.connectionNeeded();
    }
  }

  /** Starts over at the next key frame. Until the new start shows its first, what is there goes on. */
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

  /** WebKit pauses a video that is unmuted without a click, and says nothing. */
  #mutedByEngine() {
    const { video } = this.#front;
    if (this.#closed || video.ended || video.muted) return;
    this.#soundOn = false;
    video.muted = true;
    this.#listener.soundChanged(false);
    this.#front.play();
  }

  /**
   * @param {boolean} on
   * @param {boolean} [clicked]
   * @returns {Promise<boolean>}
   */
  async setSound(on, clicked = false) {
    const wish = (this.#wish = {});
    if (!on) {
      this.#soundOn = false;
      this.#front.video.muted = true;
      return false;
    }
    if (this.#soundOn) return true;
    const wasClicked = this.#front.clicked && this.#back.clicked;
    // No await after a click: the engine counts only what happens within it.
    if (!clicked && !wasClicked && !(await mayPlaySound())) return false;
    if (wish !== this.#wish || this.#closed) return this.#soundOn;
    this.#soundOn = true;
    // The click belongs to an element: the one that takes over later gets it too.
    this.#back.video.muted = false;
    this.#back.video.muted = true;
    this.#front.video.muted = false;
    this.#front.clicked ||= clicked;
    this.#back.clicked ||= clicked;
    if (this.#front.isOpen) this.#front.play();
    this.#listener.soundChanged(!this.#front.video.muted);
    return !this.#front.video.muted;
  }

  /** @param {number} volume */
  setVolume(volume) {
    this.#front.video.volume = volume;
    this.#back.video.volume = volume;
  }

  /** @param {boolean} visible */
  setVisible(visible) {
    this.#visible = visible;
    if (visible && !this.#closed) this.#tend();
  }

  /** @returns {import('./player.js').PlayerStats} */
  stats() {
    const behind = this.#front.behind;
    return {
      format: 'webm',
      shown: this.#shown,
      dropped: this.#past.dropped + this.#front.dropped,
      buffered: behind,
      clock: this.#front.streamTime,
      latency: behind,
      audioUnderruns: 0,
      rebuilds: this.#rebuilds,
      skipped: this.#past.skipped + this.#front.skipped,
    };
  }

  close() {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#tending);
    this.#front.unload();
    this.#back.unload();
  }
}
