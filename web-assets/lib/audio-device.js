import { LatenessWindow } from './audio-ring.js';

/**
 * The loudspeaker as the page has it: one AudioContext for all streams, made when the first wants it,
 * kept alive, and suspended while none does.
 *
 * @typedef {object} AudioClient
 * @property {(context: AudioContext) => void} plug the worklet is loaded: play into this context from
 *     now on, and into none before it
 * @property {(running: boolean) => void} changed the engine lets sound play, or has stopped it
 * @property {(cause: unknown) => void} failed the worklet cannot be loaded
 */

const SAMPLE_RATE = 48_000;
/** Looks at a clock that stands still, before another context is tried: at first, and at most. */
const FIRST_PATIENCE = 3;
const LONGEST_PATIENCE = 60;
/** No burst is as long: a clock that is so late has stood, as when the machine slept, and never wins that back. */
const STOOD_SECONDS = 0.5;
/** WebKitGTK says 0. Heard through PulseAudio it was 8 ms on an idle machine, and 45 to 60 on a busy one. */
const UNTOLD_LATENCY_SECONDS = 0.04;

const openContext = () => new AudioContext({ sampleRate: SAMPLE_RATE, latencyHint: 'interactive' });

/** @param {() => void} callback */
function onEverySecond(callback) {
  const timer = setInterval(callback, 1000);
  return () => clearInterval(timer);
}

export class AudioDevice {
  #createContext;
  #everySecond;
  /** @type {Set<AudioClient>} */
  #clients = new Set();
  /** @type {AudioContext | undefined} */
  #context;
  #isLoaded = false;
  #hasRun = false;
  /** @type {(() => void) | undefined} */
  #stopLooking;
  #lastTime = 0;
  #standstills = 0;
  #patience = FIRST_PATIENCE;
  /** The page's clock against the context's, which advances in bursts: what counts is the foremost. */
  #clock = new LatenessWindow(1, { reserve: 0, ceiling: 0.2 });

  /**
   * @param {() => AudioContext} [createContext]
   * @param {(callback: () => void) => () => void} [everySecond] returns what ends it
   */
  constructor(createContext = openContext, everySecond = onEverySecond) {
    this.#createContext = createContext;
    this.#everySecond = everySecond;
  }

  get isRunning() {
    return this.#context?.state === 'running';
  }

  /** @param {AudioClient} client */
  join(client) {
    this.#clients.add(client);
    this.#stopLooking ??= this.#everySecond(() => this.#look());
    if (!this.#context) this.#open();
    else if (this.#isLoaded) client.plug(this.#context);
  }

  /** @param {AudioClient} client */
  leave(client) {
    this.#clients.delete(client);
  }

  /** Within a click, before there is any stream: the engine then lets the context play later, too. */
  unlock() {
    if (this.#hasRun) return;
    if (!this.#context) this.#open();
    this.#stopLooking ??= this.#everySecond(() => this.#look());
    this.resume();
  }

  /** Asks the engine to let sound play. It may want a click, and answer only then. */
  resume() {
    this.#context?.resume().catch(() => {});
  }

  #open() {
    const context = this.#createContext();
    this.#context = context;
    this.#isLoaded = false;
    this.#lastTime = 0;
    this.#clock.clear();
    context.onstatechange = () => {
      this.#hasRun ||= this.isRunning;
      this.#clock.clear();
      for (const client of this.#clients) client.changed(this.isRunning);
    };
    context.audioWorklet.addModule(new URL('./audio-ring.js', import.meta.url)).then(
      () => {
        if (context !== this.#context) return;
        this.#isLoaded = true;
        for (const client of this.#clients) client.plug(context);
      },
      (cause) => {
        if (context !== this.#context) return;
        for (const client of this.#clients) client.failed(cause);
      },
    );
  }

  /**
   * Engines stop a context when the machine sleeps, when another program takes the
   * loudspeaker or when it is unplugged, and do not always go on by themselves.
   */
  #look() {
    const context = this.#context;
    if (!context) return;
    if (this.#clients.size === 0) {
      this.#stopLooking?.();
      this.#stopLooking = undefined;
      context.suspend().catch(() => {});
      return;
    }
    if (!this.isRunning) {
      if (this.#hasRun) this.resume();
      return;
    }
    const stands = context.currentTime === this.#lastTime;
    this.#lastTime = context.currentTime;
    this.#standstills = stands ? this.#standstills + 1 : 0;
    if (!stands) this.#patience = FIRST_PATIENCE;
    if (this.#standstills < this.#patience) return;
    this.#patience = Math.min(LONGEST_PATIENCE, this.#patience * 2);
    this.#standstills = 0;
    context.onstatechange = null;
    context.close().catch(() => {});
    this.#open();
    this.resume();
  }

  /**
   * The context's time of the sound that leaves the loudspeaker now. (getOutputTimestamp() cannot be
   * asked: WebKitGTK gives a performanceTime that runs twice as fast as performance.now().)
   * @param {number} nowMs performance.now()
   */
  heardTime(nowMs) {
    const context = this.#context;
    if (!context) return 0;
    const stood = nowMs / 1000 - context.currentTime - this.#clock.lowest > STOOD_SECONDS;
    if (stood) this.#clock.clear();
    this.#clock.observe(nowMs / 1000, context.currentTime);
    return nowMs / 1000 - this.#clock.lowest - (context.outputLatency || UNTOLD_LATENCY_SECONDS);
  }
}

export const audioDevice = new AudioDevice();
