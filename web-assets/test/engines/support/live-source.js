import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { elements, readCluster, readTracks } from '../../../lib/webm.js';
import { element, idBytes, unsigned } from './ebml-writer.js';

/**
 * A recording of FFmpeg, handed out as the agent would hand out a live call, in both formats: a moving
 * test picture whose upper edge says in bars which one it is, and a tone of 440 Hz.
 *
 * @typedef {{track: number, video: boolean, key: boolean, timeMs: number, payload: Uint8Array,
 *   samples?: Uint8Array}} Packet
 *     `samples`: of sound, what is in it: 16 bits, interleaved, little-endian
 */

const EBML = 0x1a45dfa3;
const SEGMENT = 0x18538067;
const INFO = 0x1549a966;
const DURATION = 0x4489;
const TRACKS = 0x1654ae6b;
const CLUSTER = 0x1f43b675;
const UNKNOWN_SIZE = Buffer.from('01ffffffffffffff', 'hex');

export const TONE_HERTZ = 440;
export const FRAMES_PER_SECOND = 30;
const SECONDS = 10;
/** Two channels of 16 bits at 48 kHz. */
const BYTES_OF_20_MS = 3840;
/** Bits of a picture's number, the lowest first: each a bar, a tenth of the width; the tenth is white. */
export const CODE_BITS = 9;
/** Often, so that one is there soon when it is asked for. */
const KEY_FRAME_EVERY = 6;

export class LiveSource {
  /** @type {Packet[]} */
  packets = [];
  /** @type {Uint8Array} */
  init;
  /** Length of one round in milliseconds: then it begins again, with times that go on. */
  durationMs = SECONDS * 1000;
  width;
  height;
  hasVideo;
  mime;

  /**
   * @param {string} folder for the recording
   * @param {{width?: number, height?: number, video?: boolean, audio?: boolean, clapper?: boolean}} [options]
   *     `clapper`: instead of a moving picture and a lasting tone, a flash and a beep at once in each second
   */
  constructor(
    folder,
    { width = 640, height = 360, video = true, audio = true, clapper = false } = {},
  ) {
    this.width = width;
    this.height = height;
    this.hasVideo = video;
    const codecs = [...(video ? ['vp8'] : []), ...(audio ? ['opus'] : [])].join();
    this.mime = `${video ? 'video' : 'audio'}/webm; codecs="${codecs}"`;
    const file = record(folder, { width, height, video, audio, clapper });
    this.init = this.#read(readFileSync(file));
    if (audio) this.#decodeSound(file);
  }

  /** @param {Uint8Array} bytes */
  #read(bytes) {
    const header = [];
    /** @type {Map<number, boolean>} */
    const isVideo = new Map();
    for (const part of elements(bytes)) {
      if (part.id === EBML) header.push(element(EBML, bytes.subarray(part.start, part.end)));
      if (part.id !== SEGMENT) continue;
      header.push(idBytes(SEGMENT), UNKNOWN_SIZE);
      let start = part.start;
      for (const child of elements(bytes, part.start, part.end)) {
        const content = bytes.subarray(child.start, child.end);
        if (child.id === INFO) header.push(element(INFO, withoutDuration(content)));
        if (child.id === TRACKS) header.push(element(TRACKS, content));
        if (child.id === TRACKS) {
          const tracks = readTracks(element(SEGMENT, element(TRACKS, content)));
          for (const { number, video } of tracks) isVideo.set(number, video);
        }
        if (child.id === CLUSTER) {
          for (const block of readCluster(bytes.subarray(start, child.end))) {
            this.packets.push({ ...block, video: isVideo.get(block.track) === true });
          }
        }
        start = child.end;
      }
    }
    // Sound is a little longer than the picture: it would not fit before the next round.
    this.packets = this.packets.filter(({ timeMs }) => timeMs < this.durationMs - 5);
    this.packets.sort((a, b) => a.timeMs - b.timeMs);
    return Buffer.concat(header);
  }

  /** @param {string} file */
  #decodeSound(file) {
    const raw = ['-f', 's16le', '-ac', '2', '-ar', '48000', '-'];
    const sound = execFileSync('ffmpeg', ['-v', 'error', '-i', file, '-vn', ...raw], {
      maxBuffer: SECONDS * BYTES_OF_20_MS * 100,
    });
    for (const packet of this.packets) {
      if (packet.video) continue;
      const start = Math.round(packet.timeMs / 20) * BYTES_OF_20_MS;
      packet.samples = new Uint8Array(BYTES_OF_20_MS);
      packet.samples.set(sound.subarray(start, start + BYTES_OF_20_MS));
    }
  }

  /**
   * The `tracks` message of `format=frames`.
   * @param {'opus' | 'pcm-s16'} codec of the sound
   */
  tracks(codec) {
    const numbers = new Map(this.packets.map(({ track, video }) => [track, video]));
    return [...numbers].map(([id, video]) =>
      video
        ? { id, kind: 'video', codec: 'vp8', width: this.width, height: this.height }
        : { id, kind: 'audio', codec, sampleRate: 48000, numberOfChannels: 2 },
    );
  }

  /**
   * @param {Packet} packet
   * @param {number} timeMs
   */
  static cluster({ track, key, payload }, timeMs) {
    const block = Buffer.concat([Buffer.from([0x80 | track, 0, 0, key ? 0x80 : 0]), payload]);
    return element(CLUSTER, element(0xe7, unsigned(timeMs)), element(0xa3, block));
  }
}

/** @param {Uint8Array} content */
function withoutDuration(content) {
  const kept = [];
  for (const { id, start, end } of elements(content)) {
    if (id !== DURATION) kept.push(element(id, content.subarray(start, end)));
  }
  return Buffer.concat(kept);
}

/** @param {number} width @param {number} height */
const flashes = (width, height) =>
  `color=black:size=${width}x${height}:rate=${FRAMES_PER_SECOND},` +
  `drawbox=color=white:thickness=fill:enable='lt(mod(t,1),0.2)'`;

/** @param {number} width @param {number} height */
function codedPictures(width, height) {
  const bar = (/** @type {number} */ place, /** @type {string} */ rest) =>
    `drawbox=x=${(place * width) / 10}:y=0:w=${width / 10}:h=${height / 6}:t=fill:${rest}`;
  const bars = [`drawbox=x=0:y=0:w=${width}:h=${height / 6}:t=fill:color=black`];
  for (let bit = 0; bit < CODE_BITS; bit++) {
    bars.push(bar(bit, `color=white:enable='gte(mod(n,${2 ** (bit + 1)}),${2 ** bit})'`));
  }
  bars.push(bar(CODE_BITS, 'color=white'));
  return `testsrc2=size=${width}x${height}:rate=${FRAMES_PER_SECOND},${bars.join()}`;
}

/**
 * @param {string} folder
 * @param {{width: number, height: number, video: boolean, audio: boolean, clapper: boolean}} what
 */
function record(folder, { width, height, video, audio, clapper }) {
  const file = join(folder, `source-${width}x${height}-${video}-${audio}-${clapper}.webm`);
  const picture = clapper ? flashes(width, height) : codedPictures(width, height);
  const tone = clapper
    ? `aevalsrc='0.5*sin(2*PI*${TONE_HERTZ}*t)*lt(mod(t,1),0.2)':sample_rate=48000`
    : `sine=frequency=${TONE_HERTZ}:sample_rate=48000`;
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-y'],
    ...(video ? ['-f', 'lavfi', '-t', `${SECONDS}`, '-i', picture] : []),
    ...(audio ? ['-f', 'lavfi', '-t', `${SECONDS}`, '-i', tone] : []),
    ...(video ? ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '1500k'] : []),
    ...(video ? ['-g', `${KEY_FRAME_EVERY}`] : []),
    ...(audio ? ['-c:a', 'libopus', '-ac', '2', '-b:a', '64k'] : []),
    file,
  ]);
  return file;
}
