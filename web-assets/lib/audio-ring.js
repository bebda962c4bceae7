/**
 * The last buffer before the loudspeaker, and the AudioWorklet processor that plays from it. One file
 * without imports on purpose: a worklet loads it by itself, also out of a bundle, and tests import
 * the class alone.
 */

const FADE_FRAMES = 128;
const CONTIGUOUS_MICROS = 5_000;
const LONGEST_FILLED_GAP_SECONDS = 0.12;

/**
 * Samples in order of their time stamps, played with a delay of about `targetSeconds`.
 *
 * - Playing begins when the target is reached, and again after the ring ran empty.
 * - Sound that came too late (the ring ran empty, and then the very next samples arrived) raises the
 *   target; ten quiet seconds lower it again. A pause that the sender made (DTX) does not raise it.
 * - A clock that is faster at the sender than here fills the ring slowly, a burst fills it at once: in
 *   both cases the surplus is cut out with a short cross-fade.
 * - A short gap in the time stamps (a lost packet) is filled with silence, so that time goes on.
 */
export class AudioRing {
  #rate;
  #channels;
  #capacity;
  #baseTarget;
  #target;
  #ceiling;
  #read = 0;
  #length = 0;
  #endMicros = 0;
  #filling = true;
  #ranDry = false;
  #lowest = Infinity;
  #windowFrames = 0;
  #calmFrames = 0;

  /** How often the ring ran empty because sound came late. */
  underruns = 0;
  /** Frames cut out because too many waited, or because they came twice. */
  droppedFrames = 0;
  /** Frames of silence put in for lost packets. */
  silentFrames = 0;

  /**
   * @param {{sampleRate: number, channels: number, targetSeconds?: number, ceilingSeconds?: number}} options
   *     `ceilingSeconds`: the highest target, and what may wait above the target
   */
  constructor({ sampleRate, channels, targetSeconds = 0.06, ceilingSeconds = 0.16 }) {
    this.#rate = sampleRate;
    this.#capacity = sampleRate;
    this.#channels = Array.from({ length: channels }, () => new Float32Array(this.#capacity));
    this.#baseTarget = Math.round(targetSeconds * sampleRate);
    this.#target = this.#baseTarget;
    this.#ceiling = Math.round(ceilingSeconds * sampleRate);
  }

  get bufferedFrames() {
    return this.#length;
  }

  get targetFrames() {
    return this.#target;
  }

  /** False while nothing is heard, because the ring fills up. */
  get isPlaying() {
    return !this.#filling;
  }

  /** Time stamp, in microseconds, of the sample that the next `read` begins with. */
  get headMicros() {
    return this.#endMicros - (this.#length * 1e6) / this.#rate;
  }

  /**
   * @param {number} timestampMicros of the first sample
   * @param {Float32Array[]} planes one for each channel; a mono source plays on every channel
   */
  write(timestampMicros, planes) {
    const frames = planes[0].length;
    const jump = timestampMicros - this.#endMicros;
    if (this.#length > 0 && jump < -CONTIGUOUS_MICROS) {
      this.droppedFrames += frames;
      return;
    }
    if (this.#ranDry) {
      this.#ranDry = false;
      if (Math.abs(jump) <= CONTIGUOUS_MICROS) this.#cameLate();
    }
    if (this.#length > 0 && jump > CONTIGUOUS_MICROS) this.#fillGap(jump / 1e6);
    this.#append(planes, frames);
    this.#endMicros = timestampMicros + (frames * 1e6) / this.#rate;
    if (this.#length > this.#target + this.#ceiling) this.#skip(this.#length - this.#target);
  }

  /**
   * Fills every output channel, with silence where there is no sound.
   * @param {Float32Array[]} outputs
   */
  read(outputs) {
    const wanted = outputs[0].length;
    this.#account(wanted);
    const starting = this.#filling && this.#length >= Math.max(this.#target, wanted);
    if (this.#filling && !starting) {
      for (const output of outputs) output.fill(0);
      return;
    }
    this.#filling = false;
    const frames = Math.min(wanted, this.#length);
    const running = frames === wanted;
    outputs.forEach((output, index) => {
      const plane = this.#channels[Math.min(index, this.#channels.length - 1)];
      for (let i = 0; i < frames; i++) output[i] = plane[(this.#read + i) % this.#capacity];
      output.fill(0, frames);
      if (starting) ramp(output, frames, 0, 1);
      if (!running) ramp(output, frames, 1, 0);
    });
    this.#advance(frames);
    if (!running) {
      this.#filling = true;
      this.#ranDry = true;
      this.#lowest = Infinity;
    }
  }

  #cameLate() {
    this.underruns += 1;
    this.#calmFrames = 0;
    this.#target = Math.min(this.#ceiling, this.#target + Math.round(0.02 * this.#rate));
  }

  /** @param {number} seconds */
  #fillGap(seconds) {
    const frames = Math.round(Math.min(seconds, LONGEST_FILLED_GAP_SECONDS) * this.#rate);
    this.#append([new Float32Array(frames)], frames);
    this.silentFrames += frames;
  }

  /**
   * @param {Float32Array[]} planes
   * @param {number} frames
   */
  #append(planes, frames) {
    const surplus = this.#length + frames - this.#capacity;
    if (surplus > 0) {
      this.droppedFrames += Math.min(surplus, this.#length);
      this.#advance(Math.min(surplus, this.#length));
    }
    const from = Math.max(0, frames - this.#capacity);
    const write = this.#read + this.#length;
    this.#channels.forEach((plane, index) => {
      const source = planes[Math.min(index, planes.length - 1)];
      for (let i = from; i < frames; i++) plane[(write + i - from) % this.#capacity] = source[i];
    });
    this.#length += frames - from;
  }

  /** Watches the lowest level of the last two seconds: what never drains is delay without a use. */
  #account(/** @type {number} */ frames) {
    if (!this.#filling) this.#lowest = Math.min(this.#lowest, this.#length);
    this.#windowFrames += frames;
    this.#calmFrames += frames;
    if (this.#calmFrames >= 10 * this.#rate) {
      this.#calmFrames = 0;
      this.#target = Math.max(this.#baseTarget, this.#target - Math.round(0.01 * this.#rate));
    }
    if (this.#windowFrames < 2 * this.#rate) return;
    const surplus = this.#lowest - this.#target;
    if (surplus !== Infinity && surplus > 0.02 * this.#rate) this.#skip(surplus);
    this.#windowFrames = 0;
    this.#lowest = Infinity;
  }

  /** @param {number} frames */
  #skip(frames) {
    const fade = Math.min(FADE_FRAMES, frames, this.#length - frames);
    for (const plane of this.#channels) {
      for (let i = 0; i < fade; i++) {
        const share = i / fade;
        const to = (this.#read + frames + i) % this.#capacity;
        plane[to] = plane[(this.#read + i) % this.#capacity] * (1 - share) + plane[to] * share;
      }
    }
    this.droppedFrames += frames;
    this.#advance(frames);
  }

  /** @param {number} frames */
  #advance(frames) {
    this.#read = (this.#read + frames) % this.#capacity;
    this.#length -= frames;
  }
}

/**
 * @param {Float32Array} samples
 * @param {number} frames
 * @param {number} from
 * @param {number} to
 */
function ramp(samples, frames, from, to) {
  for (let i = 0; i < frames; i++) samples[i] *= from + ((to - from) * (i + 1)) / frames;
}

/**
 * @typedef {object} RingReport
 * @property {number} headMicros time stamp of the sound that the context takes at `contextTime`
 * @property {number} contextTime seconds
 * @property {boolean} playing
 * @property {number} bufferedSeconds
 * @property {number} targetSeconds
 * @property {number} underruns
 * @property {number} droppedFrames
 */

const REPORT_EVERY_SECONDS = 0.05;

if (typeof AudioWorkletProcessor !== 'undefined') {
  /** Takes `{timestamp, planes}` from the page and posts a RingReport twenty times a second. */
  class RingProcessor extends AudioWorkletProcessor {
    #ring = new AudioRing({ sampleRate, channels: 2 });
    #reportAt = 0;
    #closed = false;

    constructor() {
      super();
      this.port.onmessage = ({ data }) => {
        if (data.close) this.#closed = true;
        else this.#ring.write(data.timestamp, data.planes);
      };
    }

    /**
     * @param {Float32Array[][]} _inputs
     * @param {Float32Array[][]} outputs
     */
    process(_inputs, outputs) {
      const headMicros = this.#ring.headMicros;
      this.#ring.read(outputs[0]);
      if (currentTime >= this.#reportAt) {
        this.#reportAt = currentTime + REPORT_EVERY_SECONDS;
        this.#report(headMicros);
      }
      return !this.#closed;
    }

    /** @param {number} headMicros */
    #report(headMicros) {
      const ring = this.#ring;
      /** @type {RingReport} */
      const report = {
        headMicros,
        contextTime: currentTime,
        playing: ring.isPlaying,
        bufferedSeconds: ring.bufferedFrames / sampleRate,
        targetSeconds: ring.targetFrames / sampleRate,
        underruns: ring.underruns,
        droppedFrames: ring.droppedFrames,
      };
      this.port.postMessage(report);
    }
  }
  registerProcessor('heliograph-ring', RingProcessor);
}
