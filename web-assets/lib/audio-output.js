/**
 * Decoded sound to the loudspeaker: an AudioContext with the ring's worklet, and the clock that the
 * pictures follow.
 *
 * @typedef {import('./audio-ring.js').RingReport} RingReport
 */

const SAMPLE_RATE = 48_000;
const REPORT_FRESH_SECONDS = 0.5;

export class AudioOutput {
  #context = new AudioContext({ sampleRate: SAMPLE_RATE, latencyHint: 'interactive' });
  #gain = this.#context.createGain();
  /** @type {AudioWorkletNode | undefined} */
  #ring;
  /** @type {RingReport | undefined} */
  #report;
  #closed = false;

  /** @param {(running: boolean) => void} onRunning called when the engine lets sound play or stops it */
  constructor(onRunning) {
    this.#gain.connect(this.#context.destination);
    this.#context.onstatechange = () => onRunning(this.isRunning);
  }

  /** Loads the worklet. Until then, and while the context is suspended, sound is dropped. */
  async load() {
    await this.#context.audioWorklet.addModule(new URL('./audio-ring.js', import.meta.url));
    if (this.#closed) return;
    this.#ring = new AudioWorkletNode(this.#context, 'heliograph-ring', {
      numberOfInputs: 0,
      outputChannelCount: [2],
    });
    this.#ring.port.onmessage = ({ data }) => (this.#report = data);
    this.#ring.connect(this.#gain);
  }

  get isRunning() {
    return this.#context.state === 'running';
  }

  get report() {
    return this.#report;
  }

  /** @param {number} value 0 to 1 */
  set volume(value) {
    this.#gain.gain.value = value;
  }

  /** Asks the engine to let sound play; it may want a click and answer only then, or never. */
  resume() {
    this.#context.resume().catch(() => {});
  }

  /** @param {AudioData} data closed here */
  play(data) {
    if (!this.#ring || !this.isRunning) {
      data.close();
      return;
    }
    const planes = [];
    for (let plane = 0; plane < Math.min(2, data.numberOfChannels); plane++) {
      const samples = new Float32Array(data.numberOfFrames);
      data.copyTo(samples, { planeIndex: plane, format: 'f32-planar' });
      planes.push(samples);
    }
    this.#ring.port.postMessage(
      { timestamp: data.timestamp, planes },
      planes.map((samples) => samples.buffer),
    );
    data.close();
  }

  /**
   * Time stamp of the sound that leaves the loudspeaker now, in microseconds; undefined when none does.
   * @param {number} nowMs performance.now()
   */
  heardMicros(nowMs) {
    const report = this.#report;
    if (!report?.playing || !this.isRunning) return undefined;
    if (this.#context.currentTime - report.contextTime > REPORT_FRESH_SECONDS) return undefined;
    return report.headMicros + (this.#heardContextTime(nowMs) - report.contextTime) * 1e6;
  }

  /** @param {number} nowMs */
  #heardContextTime(nowMs) {
    const context = this.#context;
    const latency = context.outputLatency || context.baseLatency || 0;
    const stamp = context.getOutputTimestamp?.();
    if (stamp?.performanceTime && stamp.contextTime) {
      const heard = stamp.contextTime + (nowMs - stamp.performanceTime) / 1000;
      // Some engines give the time of writing here, not of hearing, or a stale pair.
      if (Math.abs(heard - context.currentTime) < 1) {
        return Math.min(heard, context.currentTime - latency);
      }
    }
    return context.currentTime - latency;
  }

  close() {
    this.#closed = true;
    this.#context.onstatechange = null;
    this.#ring?.port.postMessage({ close: true });
    this.#context.close().catch(() => {});
  }
}
