/**
 * Opus packets to samples, with the time stamps that the packets had, and with what the decoder makes
 * up for lost ones.
 *
 * A decoder gives one output for each packet, in order, so each is given its packet's time stamp:
 * Chromium counts on from the first one, whatever gaps there are. A packet of nothing but its first
 * byte (RFC 6716 3.1) is a lost one to the decoder: it makes up what may have been in it, and what it
 * needs to know for the next. Both measured in Chromium 156 and WebKitGTK 2.50.
 */

/** A longer gap is a pause of the sender (DTX, muted), or more than can be made up. */
const LONGEST_LOSS_MICROS = 120_000;
/** So many packets without any output: the decoder has swallowed some. */
const MOST_PENDING = 100;
const CONFIGURATION_MASK = 0xfc;

/** Durations by configuration (RFC 6716 table 2): of SILK, hybrid and CELT. */
const SILK_MICROS = [10_000, 20_000, 40_000, 60_000];
const HYBRID_MICROS = [10_000, 20_000];
const CELT_MICROS = [2500, 5000, 10_000, 20_000];

/**
 * How long each frame of a packet lasts, in microseconds, and how many there are.
 * @param {Uint8Array} packet
 */
export function opusFrames(packet) {
  const configuration = packet[0] >> 3;
  let micros = CELT_MICROS[configuration & 3];
  if (configuration < 12) micros = SILK_MICROS[configuration & 3];
  else if (configuration < 16) micros = HYBRID_MICROS[configuration & 1];
  const code = packet[0] & 3;
  return { micros, count: code === 0 ? 1 : code < 3 ? 2 : (packet[1] ?? 0) & 0x3f };
}

export class SoundDecoder {
  #decoder;
  /** @type {{timestamp: number, madeUp: boolean}[]} */
  #pending = [];
  #endMicros = Infinity;

  /**
   * @param {import('./frames-player.js').FrameTrack} track
   * @param {object} listener
   * @param {(data: AudioData, timestamp: number, madeUp: boolean) => void} listener.output
   * @param {(error: unknown) => void} listener.failed the decoder is of no use any more
   */
  constructor({ sampleRate = 48_000, numberOfChannels = 2 }, { output, failed }) {
    this.#decoder = new AudioDecoder({
      output: (data) => {
        const packet = this.#pending.shift();
        if (packet) output(data, packet.timestamp, packet.madeUp);
        else data.close();
      },
      error: failed,
    });
    this.#decoder.configure({ codec: 'opus', sampleRate, numberOfChannels });
  }

  /**
   * @param {number} timestamp
   * @param {Uint8Array} packet
   */
  decode(timestamp, packet) {
    const { micros, count } = opusFrames(packet);
    const lost = timestamp - this.#endMicros;
    if (lost <= LONGEST_LOSS_MICROS) {
      const nothing = Uint8Array.of(packet[0] & CONFIGURATION_MASK);
      for (let gone = micros / 2; gone < lost; gone += micros) {
        this.#feed(this.#endMicros, nothing, true);
        this.#endMicros += micros;
      }
    }
    this.#feed(timestamp, packet, false);
    this.#endMicros = timestamp + micros * count;
  }

  /**
   * @param {number} timestamp
   * @param {Uint8Array} data
   * @param {boolean} madeUp
   */
  #feed(timestamp, data, madeUp) {
    if (this.#pending.length > MOST_PENDING) throw new Error('The decoder gives nothing.');
    this.#pending.push({ timestamp, madeUp });
    this.#decoder.decode(new EncodedAudioChunk({ type: 'key', timestamp, data }));
  }

  close() {
    if (this.#decoder.state !== 'closed') this.#decoder.close();
  }
}
