import { AudioOutput } from './audio-output.js';
import { HeliographError } from './heliograph-error.js';
import { KeyFrameGate } from './key-frame-gate.js';
import { LatenessWindow } from './audio-ring.js';
import { fitsPage, tooLarge } from './picture-limit.js';
import { PictureSchedule } from './picture-schedule.js';
import { readFrameMessage } from './frame-message.js';

/**
 * Plays `format=frames&sound=pcm`. The whole way of a picture: receiveBinary → decode (WebCodecs) →
 * schedule (waits for its sound) → draw; of sound, which the agent has decoded: receiveBinary → ring (in
 * an AudioWorklet) → loudspeaker.
 *
 * @typedef {import('./player.js').Player} Player
 * @typedef {import('./player.js').PlayerListener} PlayerListener
 * @typedef {{id: number, kind: 'video' | 'audio', codec: string, width?: number, height?: number,
 *   sampleRate?: number, numberOfChannels?: number}} FrameTrack
 */

/** WebCodecs wants profile and level for these; any will do for a stream that describes itself. */
const CODEC_STRINGS = /** @type {Record<string, string>} */ ({
  vp8: 'vp8',
  vp9: 'vp09.00.41.08',
  av1: 'av01.0.08M.08',
});
/** Who joins a call is sent up to 60 pictures at once, all but the last marked as past (docs/media-protocol.md). */
const DECODE_QUEUE_LIMIT = 90;
const FAILURES_BEFORE_GIVING_UP = 3;
/** Of sound: interleaved, 16 bits, little-endian (WebCodecs codec registry). */
const SAMPLES = 'pcm-s16';

/** @param {string} codec */
const codecString = (codec) => CODEC_STRINGS[codec.toLowerCase()] ?? codec;

/** Whether this engine has everything that playing frames takes. */
export async function canPlayFrames() {
  if (typeof VideoDecoder === 'undefined' || typeof AudioWorkletNode === 'undefined') return false;
  try {
    return (await VideoDecoder.isConfigSupported({ codec: 'vp8' })).supported === true;
  } catch {
    return false;
  }
}

/** @implements {Player} */
export class FramesPlayer {
  format = /** @type {const} */ ('frames');
  element = document.createElement('canvas');
  #drawing = this.element.getContext('2d', { alpha: false, desynchronized: true });
  #listener;
  #gate = new KeyFrameGate();
  #schedule = new PictureSchedule();
  /** @type {Map<number, FrameTrack>} */
  #tracks = new Map();
  /** @type {VideoDecoder | undefined} */
  #videoDecoder;
  /** @type {AudioOutput | undefined} */
  #audio;
  #volume = 1;
  #visible = true;
  #closed = false;
  #animation = 0;
  #shown = 0;
  #skipped = 0;
  /** Of decoders, in a row. */
  #failures = 0;
  /** Of pictures: one that was too large has been told. */
  #toldOfSize = false;
  #rebuilds = 0;
  #clockMicros = 0;
  #latencyMs = 0;
  /** By how much the picture is earlier than its sound; NaN without sound. */
  #skewMs = NaN;
  /** How late pictures are on the clock of the sound's context. */
  #pictureLateness = new LatenessWindow(1, { reserve: 0, ceiling: 0.2 });
  /** Of the pictures that are to be shown: time stamp → when it came. @type {Map<number, number>} */
  #arrivals = new Map();

  /** @param {PlayerListener} listener */
  constructor(listener) {
    this.#listener = listener;
  }

  /** @param {Record<string, any>} message */
  receiveText(message) {
    if (message.type === 'tracks' && Array.isArray(message.tracks)) this.#setTracks(message.tracks);
  }

  /** @param {ArrayBuffer} message */
  receiveBinary(message) {
    const frame = readFrameMessage(message);
    const track = this.#tracks.get(frame.track);
    if (track?.kind === 'video') {
      if (fitsPage(track.width, track.height)) this.#decodePicture(frame);
      else this.#skipped += 1;
    }
    if (track?.kind === 'audio') this.#playSound(track, frame);
  }

  /** The connection is a new one: what comes next has nothing to do with what came before. */
  reset() {
    this.#closeVideoDecoder();
    this.#audio?.clear();
    this.#tracks.clear();
    this.#listener.tracksChanged({ video: false, audio: false });
  }

  /**
   * A track that is announced as it was goes on with its decoder: its next frame need not be a key.
   * @param {FrameTrack[]} tracks
   */
  #setTracks(tracks) {
    const before = this.#tracks;
    this.#tracks = new Map(tracks.map((track) => [track.id, track]));
    for (const { id, kind } of before.values()) {
      if (JSON.stringify(this.#tracks.get(id)) === JSON.stringify(before.get(id))) continue;
      if (kind === 'video') this.#closeVideoDecoder();
      else this.#audio?.clear();
    }
    for (const { kind, codec } of tracks) if (kind === 'audio' && codec !== SAMPLES) this.#refuseSound(codec);
    for (const { kind, width, height } of tracks) {
      if (kind === 'video' && !fitsPage(width, height)) this.#refusePicture(width, height);
    }
    const kinds = new Set(tracks.map(({ kind }) => kind));
    this.#listener.tracksChanged({ video: kinds.has('video'), audio: kinds.has('audio') });
  }

  /** @param {import('./frame-message.js').FrameMessage} frame */
  #decodePicture({ track, key, past, timestamp, payload }) {
    const nowMs = performance.now();
    // Nobody sees a hidden page: its pictures are not worth decoding.
    if (!this.#visible) this.#gate.shut();
    const behind = (this.#videoDecoder?.decodeQueueSize ?? 0) > DECODE_QUEUE_LIMIT;
    if (behind) this.#gate.shut();
    if (!this.#visible || behind || !this.#gate.admits(key)) {
      this.#skipped += 1;
      this.#askForKeyFrame();
      return;
    }
    if (!past) this.#arrivals.set(timestamp, nowMs);
    // A decoder may swallow some.
    for (const oldest of this.#arrivals.keys()) {
      if (this.#arrivals.size <= DECODE_QUEUE_LIMIT) break;
      this.#arrivals.delete(oldest);
    }
    try {
      this.#videoDecoder ??= this.#createVideoDecoder(track);
      const type = key ? 'key' : 'delta';
      this.#videoDecoder.decode(new EncodedVideoChunk({ type, timestamp, data: payload }));
    } catch (error) {
      this.#decoderFailed(error);
    }
  }

  /**
   * @param {FrameTrack} track
   * @param {import('./frame-message.js').FrameMessage} frame
   */
  #playSound({ numberOfChannels = 2 }, { timestamp, madeUp, payload }) {
    if (payload.byteLength % (2 * numberOfChannels) !== 0) {
      throw new RangeError(`${payload.byteLength} bytes are no samples of ${numberOfChannels} channels.`);
    }
    this.#audio?.play({ timestamp, madeUp, numberOfChannels, samples: payload });
  }

  /** @param {number} id */
  #createVideoDecoder(id) {
    const { codec } = /** @type {FrameTrack} */ (this.#tracks.get(id));
    const decoder = new VideoDecoder({
      output: (picture) => {
        if (decoder !== this.#videoDecoder) return picture.close();
        this.#failures = 0;
        this.#pictureDecoded(picture);
      },
      error: (error) => decoder === this.#videoDecoder && this.#decoderFailed(error),
    });
    decoder.configure({ codec: codecString(codec), optimizeForLatency: true });
    return decoder;
  }

  /**
   * One bad frame closes a decoder. A new one takes over at the next key frame.
   * @param {unknown} cause
   */
  #decoderFailed(cause) {
    this.#rebuilds += 1;
    this.#closeVideoDecoder();
    this.#askForKeyFrame();
    this.#failures += 1;
    if (this.#failures < FAILURES_BEFORE_GIVING_UP) return;
    this.#failures = 0;
    const codecs = [...this.#tracks.values()].map(({ codec }) => codec).join(', ');
    const words = `This webview cannot decode the video (${codecs}).`;
    this.#listener.failed(new HeliographError('decoder_failed', words, { cause }));
  }

  /** @param {string} codec */
  #refuseSound(codec) {
    const hint = `The agent sends ${codec}, because it has no libopus: install it where the agent runs.`;
    this.#listener.failed(new HeliographError('no_sound', 'The sound cannot be played.', { hint }));
  }

  /**
   * Told once; the sound goes on.
   * @param {number | undefined} width
   * @param {number | undefined} height
   */
  #refusePicture(width, height) {
    if (this.#toldOfSize) return;
    this.#toldOfSize = true;
    this.#listener.failed(tooLarge(width, height));
  }

  #askForKeyFrame() {
    const wanted = this.#visible && [...this.#tracks.values()].some(({ kind }) => kind === 'video');
    if (wanted && this.#gate.shouldAsk(performance.now())) this.#listener.send({ type: 'keyframe' });
  }

  /** @param {VideoFrame} picture */
  #pictureDecoded(picture) {
    const { displayWidth, displayHeight } = picture;
    if (!fitsPage(displayWidth, displayHeight)) {
      picture.close();
      this.#closeVideoDecoder();
      return this.#refusePicture(displayWidth, displayHeight);
    }
    const nowMs = performance.now();
    const arrivedMs = this.#arrivals.get(picture.timestamp);
    this.#arrivals.delete(picture.timestamp);
    if (!this.#visible || arrivedMs === undefined) return picture.close();
    this.#schedule.push(picture, arrivedMs);
    if (this.#audio?.isRunning) this.#letSoundWait(this.#audio, nowMs, picture.timestamp);
    this.#showDue();
  }

  /**
   * Pictures that come later than their sound cannot be helped; the sound can wait for them. Not for
   * the slowest, though: for those that come as fast as pictures do.
   * @param {AudioOutput} audio
   * @param {number} nowMs
   * @param {number} timestamp
   */
  #letSoundWait(audio, nowMs, timestamp) {
    this.#pictureLateness.observe(audio.heardTime(nowMs), timestamp / 1e6);
    audio.hold(this.#pictureLateness.lowest);
  }

  #showDue() {
    const nowMs = performance.now();
    const heardMicros = this.#audio?.heardMicros(nowMs);
    const due = this.#schedule.take(nowMs, heardMicros);
    if (due) {
      this.#skewMs = (due.picture.timestamp - (heardMicros ?? NaN)) / 1000;
      this.#draw(/** @type {VideoFrame} */ (due.picture), nowMs - due.arrivedMs);
    }
    if (this.#schedule.waiting > 0 && !this.#animation) {
      this.#animation = requestAnimationFrame(() => {
        this.#animation = 0;
        this.#showDue();
      });
    }
  }

  /**
   * @param {VideoFrame} picture
   * @param {number} latencyMs
   */
  #draw(picture, latencyMs) {
    const { displayWidth: width, displayHeight: height } = picture;
    if (this.element.width !== width || this.element.height !== height) {
      this.element.width = width;
      this.element.height = height;
      this.#listener.resized(width, height);
    }
    this.#drawing?.drawImage(picture, 0, 0, width, height);
    this.#clockMicros = picture.timestamp;
    picture.close();
    this.#shown += 1;
    this.#latencyMs += (latencyMs - this.#latencyMs) / Math.min(this.#shown, 16);
    this.#listener.pictureShown();
  }

  /**
   * @param {boolean} on
   * @returns {Promise<boolean>} whether sound is heard now; false when the engine wants a click
   */
  async setSound(on) {
    if (!on) {
      this.#closeSound();
      return false;
    }
    this.#audio ??= this.#openSound();
    this.#audio.resume();
    return this.#audio.isRunning;
  }

  #openSound() {
    const audio = new AudioOutput({
      changed: (running) => this.#listener.soundChanged(running),
      failed: (cause) =>
        this.#listener.failed(
          new HeliographError('no_sound', 'The sound processor could not be loaded.', {
            hint: 'audio-ring.js must lie beside the other files of the library.',
            cause,
          }),
        ),
    });
    audio.volume = this.#volume;
    return audio;
  }

  #closeSound() {
    this.#audio?.close();
    this.#audio = undefined;
  }

  /** @param {number} volume */
  setVolume(volume) {
    this.#volume = volume;
    if (this.#audio) this.#audio.volume = volume;
  }

  /** @param {boolean} visible */
  setVisible(visible) {
    this.#visible = visible;
    if (visible) this.#askForKeyFrame();
    else this.#schedule.clear();
  }

  /** @returns {import('./player.js').PlayerStats} */
  stats() {
    const report = this.#audio?.report;
    return {
      format: 'frames',
      shown: this.#shown,
      dropped: this.#skipped + this.#schedule.dropped,
      buffered: report?.bufferedSeconds ?? 0,
      clock: this.#clockMicros / 1e6,
      latency: this.#latencyMs / 1000,
      rebuilds: this.#rebuilds,
      skew: this.#skewMs / 1000,
      level: report?.level ?? 0,
      audioTarget: report?.targetSeconds ?? 0,
      audioSpeed: report?.speed ?? 1,
      audioUnderruns: report?.underruns ?? 0,
      audioConcealed: report?.concealedSeconds ?? 0,
    };
  }

  /** WebCodecs tells of its failures itself; there is no silent standstill to look for. */
  rebuild() {
    this.#rebuilds += 1;
    this.#closeVideoDecoder();
    this.#askForKeyFrame();
  }

  #closeVideoDecoder() {
    this.#videoDecoder = closed(this.#videoDecoder);
    this.#schedule.clear();
    this.#arrivals.clear();
    this.#gate.shut();
    this.#pictureLateness.clear();
    this.#audio?.hold(-Infinity);
  }

  close() {
    if (this.#closed) return;
    this.#closed = true;
    cancelAnimationFrame(this.#animation);
    this.#closeVideoDecoder();
    this.#closeSound();
  }
}

/**
 * @param {VideoDecoder | undefined} decoder
 * @returns {undefined}
 */
function closed(decoder) {
  if (decoder && decoder.state !== 'closed') decoder.close();
  return undefined;
}
