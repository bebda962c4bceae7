import { AudioOutput } from './audio-output.js';
import { HeliographError } from './heliograph-error.js';
import { KeyFrameGate } from './key-frame-gate.js';
import { PictureSchedule } from './picture-schedule.js';
import { readFrameMessage } from './frame-message.js';

/**
 * Plays `format=frames` with WebCodecs: VideoDecoder to a canvas, AudioDecoder to the AudioWorklet
 * ring. The whole way of a frame: receiveBinary → decode → schedule (waits for its sound) → draw.
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
  opus: 'opus',
});
/** Who joins a call is sent up to 60 pictures at once, all but the last marked as past (docs/media-protocol.md). */
const DECODE_QUEUE_LIMIT = 90;
const FAILURES_BEFORE_GIVING_UP = 3;

/** @param {string} codec */
const codecString = (codec) => CODEC_STRINGS[codec.toLowerCase()] ?? codec;

/** Whether this engine has everything that playing frames takes. */
export async function canPlayFrames() {
  if (typeof VideoDecoder === 'undefined' || typeof AudioDecoder === 'undefined') return false;
  if (typeof AudioWorkletNode === 'undefined') return false;
  try {
    const [video, audio] = await Promise.all([
      VideoDecoder.isConfigSupported({ codec: 'vp8' }),
      AudioDecoder.isConfigSupported({ codec: 'opus', sampleRate: 48_000, numberOfChannels: 2 }),
    ]);
    return video.supported === true && audio.supported === true;
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
  /** @type {AudioDecoder | undefined} */
  #audioDecoder;
  /** @type {AudioOutput | undefined} */
  #audio;
  #soundOn = false;
  #volume = 1;
  #visible = true;
  #closed = false;
  #animation = 0;
  #shown = 0;
  #skipped = 0;
  #failures = 0;
  #clockMicros = 0;
  #latencyMs = 0;
  /** @type {Map<number, number>} time stamp → when the frame came in */
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
    if (track?.kind === 'video') this.#decodePicture(frame);
    else if (track?.kind === 'audio') this.#decodeSound(frame);
  }

  /** The connection is a new one: what comes next has nothing to do with what came before. */
  reset() {
    this.#closeDecoders();
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
      else this.#audioDecoder = closed(this.#audioDecoder);
    }
    const kinds = new Set(tracks.map(({ kind }) => kind));
    this.#listener.tracksChanged({ video: kinds.has('video'), audio: kinds.has('audio') });
  }

  /** @param {import('./frame-message.js').FrameMessage} frame */
  #decodePicture({ track, key, timestamp, payload }) {
    const nowMs = performance.now();
    // Nobody sees a hidden page: its pictures are not worth decoding.
    if (!this.#visible) this.#gate.shut();
    const behind = (this.#videoDecoder?.decodeQueueSize ?? 0) > DECODE_QUEUE_LIMIT;
    if (behind) this.#gate.shut();
    if (!this.#visible || behind || !this.#gate.admits(key)) {
      this.#skipped += 1;
      if (this.#visible && this.#gate.shouldAsk(nowMs)) this.#listener.send({ type: 'keyframe' });
      return;
    }
    this.#arrivals.set(timestamp, nowMs);
    if (this.#arrivals.size > 100) this.#arrivals.clear();
    try {
      this.#videoDecoder ??= this.#createVideoDecoder(track);
      const type = key ? 'key' : 'delta';
      this.#videoDecoder.decode(new EncodedVideoChunk({ type, timestamp, data: payload }));
    } catch (error) {
      this.#decoderFailed('video', error);
    }
  }

  /** @param {import('./frame-message.js').FrameMessage} frame */
  #decodeSound({ track, timestamp, payload }) {
    if (!this.#audio?.isRunning || !this.#soundOn) return;
    try {
      this.#audioDecoder ??= this.#createAudioDecoder(track);
      this.#audioDecoder.decode(new EncodedAudioChunk({ type: 'key', timestamp, data: payload }));
    } catch (error) {
      this.#decoderFailed('audio', error);
    }
  }

  /** @param {number} id */
  #createVideoDecoder(id) {
    const { codec } = /** @type {FrameTrack} */ (this.#tracks.get(id));
    const decoder = new VideoDecoder({
      output: (picture) => {
        if (decoder !== this.#videoDecoder) return picture.close();
        this.#failures = 0;
        this.#schedule.push(picture, this.#arrivals.get(picture.timestamp) ?? performance.now());
        this.#arrivals.delete(picture.timestamp);
        this.#showDue();
      },
      error: (error) => decoder === this.#videoDecoder && this.#decoderFailed('video', error),
    });
    decoder.configure({ codec: codecString(codec), optimizeForLatency: true });
    return decoder;
  }

  /** @param {number} id */
  #createAudioDecoder(id) {
    const track = /** @type {FrameTrack} */ (this.#tracks.get(id));
    const decoder = new AudioDecoder({
      output: (data) => (this.#audio ? this.#audio.play(data) : data.close()),
      error: (error) => decoder === this.#audioDecoder && this.#decoderFailed('audio', error),
    });
    decoder.configure({
      codec: codecString(track.codec),
      sampleRate: track.sampleRate ?? 48_000,
      numberOfChannels: track.numberOfChannels ?? 2,
    });
    return decoder;
  }

  /**
   * One bad frame closes a decoder. A new one takes over at the next key frame.
   * @param {'video' | 'audio'} kind
   * @param {unknown} cause
   */
  #decoderFailed(kind, cause) {
    if (kind === 'video') {
      this.#videoDecoder = closed(this.#videoDecoder);
      this.#gate.shut();
      if (this.#gate.shouldAsk(performance.now())) this.#listener.send({ type: 'keyframe' });
    } else {
      this.#audioDecoder = closed(this.#audioDecoder);
    }
    this.#failures += 1;
    if (this.#failures >= FAILURES_BEFORE_GIVING_UP) {
      this.#failures = 0;
      const codecs = [...this.#tracks.values()].map(({ codec }) => codec).join(', ');
      this.#listener.failed(
        new HeliographError('decoder_failed', `This webview cannot decode the ${kind} (${codecs}).`, {
          cause,
        }),
      );
    }
  }

  #showDue() {
    const nowMs = performance.now();
    const due = this.#schedule.take(nowMs, this.#soundOn ? this.#audio?.heardMicros(nowMs) : undefined);
    if (due) this.#draw(/** @type {VideoFrame} */ (due.picture), nowMs - due.arrivedMs);
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
    this.#soundOn = on;
    if (!on) {
      this.#audio?.close();
      this.#audio = undefined;
      this.#audioDecoder = closed(this.#audioDecoder);
      return false;
    }
    if (!this.#audio) {
      const audio = new AudioOutput((running) => this.#listener.soundChanged(running));
      this.#audio = audio;
      audio.volume = this.#volume;
      audio.load().catch((cause) => {
        // Closed while it loaded: nobody waits for it any more.
        if (audio !== this.#audio) return;
        this.#listener.failed(
          new HeliographError('no_sound', 'The sound processor could not be loaded.', {
            hint: 'audio-ring.js must lie beside the other files of the library.',
            cause,
          }),
        );
      });
    }
    this.#audio.resume();
    return this.#audio.isRunning;
  }

  /** @param {number} volume */
  setVolume(volume) {
    this.#volume = volume;
    if (this.#audio) this.#audio.volume = volume;
  }

  /** @param {boolean} visible */
  setVisible(visible) {
    this.#visible = visible;
    if (visible && this.#gate.shouldAsk(performance.now()) && this.#tracks.size > 0) {
      this.#listener.send({ type: 'keyframe' });
    }
  }

  /** @returns {import('./player.js').PlayerStats} */
  stats() {
    const report = this.#audio?.report;
    return {
      format: 'frames',
      shown: this.#shown,
      dropped: this.#skipped + this.#schedule.dropped,
      buffered: this.#soundOn && report ? report.bufferedSeconds : 0,
      clock: this.#clockMicros / 1e6,
      latency: this.#latencyMs / 1000,
      audioUnderruns: report?.underruns ?? 0,
    };
  }

  /** WebCodecs tells of its failures itself; there is no silent standstill to look for. */
  rebuild() {
    this.#videoDecoder = closed(this.#videoDecoder);
    this.#gate.shut();
    if (this.#gate.shouldAsk(performance.now())) this.#listener.send({ type: 'keyframe' });
  }

  #closeVideoDecoder() {
    this.#videoDecoder = closed(this.#videoDecoder);
    this.#schedule.clear();
    this.#arrivals.clear();
    this.#gate.shut();
  }

  #closeDecoders() {
    this.#closeVideoDecoder();
    this.#audioDecoder = closed(this.#audioDecoder);
  }

  close() {
    if (this.#closed) return;
    this.#closed = true;
    cancelAnimationFrame(this.#animation);
    this.#closeDecoders();
    this.#audio?.close();
    this.#audio = undefined;
  }
}

/**
 * @param {VideoDecoder | AudioDecoder | undefined} decoder
 * @returns {undefined}
 */
function closed(decoder) {
  if (decoder && decoder.state !== 'closed') decoder.close();
  return undefined;
}
