import { audioDevice } from './audio-device.js';

/**
 * One stream's sound on its way to the loudspeaker, and the clock that its pictures follow.
 *
 * @typedef {import('./audio-ring.js').RingReport} RingReport
 *
 * @typedef {object} AudioOutputListener
 * @property {(running: boolean) => void} changed the engine lets sound play, or has stopped it
 * @property {(cause: unknown) => void} failed the worklet cannot be loaded
 */

/** What is older says nothing of now. */
const REPORT_FRESH_MS = 500;
/** A sender that is silent for longer has paused: pictures need not wait for its sound. */
const PAUSE_SECONDS = 2;
const VOLUME_GLIDES_SECONDS = 0.015;
/** Less is not worth telling the ring. */
const HOLD_STEP_SECONDS = 0.002;
/** Longer than the ring takes to fade out. */
const FADE_OUT_MS = 200;

export class AudioOutput {
  #device;
  /** @type {GainNode | undefined} */
  #gain;
  /** @type {AudioWorkletNode | undefined} */
  #ring;
  /** @type {RingReport | undefined} */
  #report;
  #reportedMs = -Infinity;
  #volume = 1;
  #heldSeconds = -Infinity;
  #client;

  /** @param {AudioOutputListener} listener */
  constructor(listener, device = audioDevice) {
    this.#device = device;
    this.#client = { ...listener, plug: (/** @type {AudioContext} */ context) => this.#plug(context) };
    device.join(this.#client);
  }

  /** @param {AudioContext} context */
  #plug(context) {
    this.#unplug();
    const gain = new GainNode(context, { gain: this.#volume });
    const ring = new AudioWorkletNode(context, 'heliograph-ring', {
      numberOfInputs: 0,
      outputChannelCount: [2],
    });
    ring.port.onmessage = ({ data }) => {
      this.#report = data;
      this.#reportedMs = performance.now();
    };
    ring.port.postMessage({ hold: this.#heldSeconds });
    ring.connect(gain).connect(context.destination);
    [this.#gain, this.#ring] = [gain, ring];
  }

  #unplug() {
    const [gain, ring] = [this.#gain, this.#ring];
    if (!ring) return;
    this.#ring = this.#gain = this.#report = undefined;
    ring.port.onmessage = null;
    ring.port.postMessage({ close: true });
    setTimeout(() => gain?.disconnect(), FADE_OUT_MS);
  }

  get isRunning() {
    return this.#device.isRunning;
  }

  /** The ring's latest figures; undefined when there are none of now. */
  get report() {
    return performance.now() - this.#reportedMs < REPORT_FRESH_MS ? this.#report : undefined;
  }

  /** @param {number} value 0 to 1 */
  set volume(value) {
    this.#volume = value;
    this.#gain?.gain.setTargetAtTime(value, this.#gain.context.currentTime, VOLUME_GLIDES_SECONDS);
  }

  /** Asks the engine to let sound play; it may want a click and answer only then, or never. */
  resume() {
    this.#device.resume();
  }

  /** @param {import('./audio-ring.js').RingSound} sound whose samples are handed over */
  play(sound) {
    if (this.isRunning) this.#ring?.port.postMessage(sound, [sound.samples.buffer]);
  }

  /** Another stream begins. */
  clear() {
    this.#ring?.port.postMessage({ clear: true });
    this.#report = undefined;
  }

  /**
   * Pictures come later than their sound.
   * @param {number} seconds on `heardTime`'s clock, minus the time stamp; −Infinity: they do not
   */
  hold(seconds) {
    if (Math.abs(seconds - this.#heldSeconds) < HOLD_STEP_SECONDS || seconds === this.#heldSeconds) return;
    this.#heldSeconds = seconds;
    this.#ring?.port.postMessage({ hold: seconds });
  }

  /** @param {number} nowMs performance.now() */
  heardTime(nowMs) {
    return this.#device.heardTime(nowMs);
  }

  /**
   * Time stamp of the sound that leaves the loudspeaker now, in microseconds; undefined when there is
   * none to follow.
   * @param {number} nowMs performance.now()
   */
  heardMicros(nowMs) {
    const { report } = this;
    if (!report || !this.isRunning || report.quietSeconds > PAUSE_SECONDS) return undefined;
    if (Number.isNaN(report.headMicros)) return undefined;
    return report.headMicros + (this.heardTime(nowMs) - report.contextTime) * 1e6;
  }

  close() {
    this.#device.leave(this.#client);
    this.#unplug();
  }
}
