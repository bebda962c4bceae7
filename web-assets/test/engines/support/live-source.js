import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { elements, readCluster, readTracks } from '../../../lib/webm.js';
import { element, idBytes, unsigned } from './ebml-writer.js';

/**
 * A recording of FFmpeg, handed out as the agent would hand out a live call, in both formats: a moving
 * test picture and a tone of 440 Hz.
 *
 * @typedef {{track: number, video: boolean, key: boolean, timeMs: number, payload: Uint8Array}} Packet
 */

const EBML = 0x1a45dfa3;
const SEGMENT = 0x18538067;
const INFO = 0x1549a966;
const DURATION = 0x4489;
const TRACKS = 0x1654ae6b;
const CLUSTER = 0x1f43b675;
const UNKNOWN_SIZE = Buffer.from('01ffffffffffffff', 'hex');

export const TONE_HERTZ = 440;
const SECONDS = 10;

export class LiveSource {
  /** @type {Packet[]} */
  packets = [];
  /** @type {Uint8Array} */
  init;
  /** Length of one round in milliseconds: then it begins again, with times that go on. */
  durationMs = SECONDS * 1000;
  width;
  height;
  mime;

  /**
   * @param {string} folder for the recording
   * @param {{width?: number, height?: number, audio?: boolean, clapper?: boolean}} [options] `clapper`:
   *     instead of a moving picture and a lasting tone, a flash and a beep at once in each second
   */
  constructor(folder, { width = 640, height = 360, audio = true, clapper = false } = {}) {
    this.width = width;
    this.height = height;
    this.mime = audio ? 'video/webm; codecs="vp8,opus"' : 'video/webm; codecs="vp8"';
    const bytes = record(folder, width, height, audio, clapper);
    this.init = this.#read(bytes);
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
    this.packets.sort((a, b) => a.timeMs - b.timeMs);
    return Buffer.concat(header);
  }

  /** The `tracks` message of `format=frames`. */
  get tracks() {
    const numbers = new Map(this.packets.map(({ track, video }) => [track, video]));
    return [...numbers].map(([id, video]) =>
      video
        ? { id, kind: 'video', codec: 'vp8', width: this.width, height: this.height }
        : { id, kind: 'audio', codec: 'opus', sampleRate: 48000, numberOfChannels: 2 },
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

/**
 * @param {string} folder
 * @param {number} width
 * @param {number} height
 * @param {boolean} audio
 * @param {boolean} clapper
 */
function record(folder, width, height, audio, clapper) {
  const file = join(folder, `source-${width}x${height}-${audio}-${clapper}.webm`);
  const flash = `drawbox=color=white:thickness=fill:enable='lt(mod(t,1),0.2)'`;
  const picture = clapper
    ? `color=black:size=${width}x${height}:rate=30,${flash}`
    : `testsrc2=size=${width}x${height}:rate=30`;
  const tone = clapper
    ? `aevalsrc='0.5*sin(2*PI*${TONE_HERTZ}*t)*lt(mod(t,1),0.2)':sample_rate=48000`
    : `sine=frequency=${TONE_HERTZ}:sample_rate=48000`;
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-y', '-f', 'lavfi', '-t', `${SECONDS}`, '-i', picture],
    ...(audio ? ['-f', 'lavfi', '-t', `${SECONDS}`, '-i', tone] : []),
    ...['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '1M', '-g', '30'],
    ...(audio ? ['-c:a', 'libopus', '-ac', '2', '-b:a', '64k'] : []),
    file,
  ]);
  return readFileSync(file);
}
