/**
 * The last buffer before the loudspeaker, and the AudioWorklet processor that plays from it. One file
 * without imports on purpose: a worklet loads it by itself, also out of a bundle, and tests import
 * the classes alone.
 *
 * Everything is counted in frames (one sample of each channel). Three things are told apart:
 * - the time of a frame: its time stamp, on the sender's clock;
 * - rendered: the sound card's clock, how many frames it has taken so far;
 * - the delay of a frame: what was rendered before it, minus its time. Where its zero lies says
 *   nothing, but two delays can be compared.
 */

/**
 * How late things come, and with which delay nearly all of them come in time. The clocks of arrival
 * and of time stamps may drift: only the last ten seconds count.
 *
 * Needed is the second highest of the highest lateness of each second: one hiccup in ten seconds is
 * not worth delaying everything.
 */
export class LatenessWindow {
  static #SECONDS = 10;
  /**
   * The first seconds are those in which page and decoders start: they are remembered for as long, and
   * not believed alone.
   */
  static #YOUNG = 4;

  #second;
  #reserve;
  #ceiling;
  /** @type {{lowest: number, highest: number, expires: number}[]} one for each second */
  #slots = [];
  #slotEnds = 0;
  #turns = 0;

  /** The least lateness: that of all, if there were no jitter. Infinity while nothing is known. */
  lowest = Infinity;
  /** The delay that is needed. Infinity while nothing is known. */
  needed = Infinity;

  /**
   * @param {number} second in the unit that is used
   * @param {{reserve: number, ceiling: number}} options in the same unit. `reserve`: the jitter that is
   *     assumed while little is known; `ceiling`: what is later by more is an outage, which no delay
   *     is worth
   */
  constructor(second, { reserve, ceiling }) {
    this.#second = second;
    this.#reserve = reserve;
    this.#ceiling = ceiling;
  }

  /**
   * @param {number} now when it came
   * @param {number} time when it was due
   * @returns {boolean} whether a clock has leapt: it came much earlier than ever
   */
  observe(now, time) {
    const lateness = now - time;
    const leapt = this.#slots.length > 0 && lateness < this.lowest - this.#ceiling / 2;
    if (leapt) this.clear();
    if (this.#slots.length === 0 || now >= this.#slotEnds) this.#turn(now);
    const slot = this.#slots[this.#slots.length - 1];
    slot.lowest = Math.min(slot.lowest, lateness);
    this.lowest = Math.min(...this.#slots.map(({ lowest }) => lowest));
    if (lateness <= this.lowest + this.#ceiling) slot.highest = Math.max(slot.highest, lateness);
    // Of a second that was late as a whole little is known, once that is over.
    const heights = this.#slots.map(({ highest }) => highest);
    const known = heights.filter((highest) => highest <= this.lowest + this.#ceiling);
    const [, second = -Infinity] = known.sort((a, b) => b - a);
    const isYoung = this.#turns < LatenessWindow.#YOUNG || known.length < 2;
    this.needed = Math.max(second, isYoung ? this.lowest + this.#reserve : this.lowest);
    return leapt;
  }

  /** @param {number} now */
  #turn(now) {
    // A whole second without anything in reach is no outage: that is how it is from now on.
    if (this.#slots.at(-1)?.highest === -Infinity) this.clear();
    this.#slotEnds = now + this.#second;
    this.#slots = this.#slots.filter(({ expires }) => expires > now);
    this.#turns += 1;
    const seconds = this.#turns <= LatenessWindow.#YOUNG ? LatenessWindow.#YOUNG : LatenessWindow.#SECONDS;
    this.#slots.push({ lowest: Infinity, highest: -Infinity, expires: now + seconds * this.#second });
  }

  clear() {
    this.#slots = [];
    this.#turns = 0;
    this.lowest = this.needed = Infinity;
  }
}

const TAPS = 32;
/** What interpolation needs before and after a position. */
const REACH = TAPS / 2;
const PHASES = 256;

/** Windowed sinc (Kaiser, β = 9), a row for each phase, and one more so that rows can be mixed. */
const KERNEL = Array.from({ length: PHASES + 1 }, (_, phase) =>
  Float32Array.from({ length: TAPS }, (_, tap) => {
    const x = tap - (REACH - 1) - phase / PHASES;
    const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    return sinc * (bessel0(9 * Math.sqrt(Math.max(0, 1 - (x / REACH) ** 2))) / bessel0(9));
  }),
);

/** The modified Bessel function of order 0. @param {number} x */
function bessel0(x) {
  let [sum, term] = [1, 1];
  for (let k = 1; term > sum * 1e-12; k++) sum += term *= (x / (2 * k)) ** 2;
  return sum;
}

/**
 * @param {Float32Array} plane a ring
 * @param {number} position
 */
function interpolated(plane, position) {
  const index = Math.floor(position);
  const phase = (position - index) * PHASES;
  const row = Math.floor(phase);
  const [here, next, share] = [KERNEL[row], KERNEL[row + 1], phase - row];
  let sum = 0;
  for (let tap = 0, at = index - REACH + 1; tap < TAPS; tap++, at++) {
    sum += plane[at & MASK] * (here[tap] + (next[tap] - here[tap]) * share);
  }
  return sum;
}

const CAPACITY = 2 ** 16;
const MASK = CAPACITY - 1;

const RESERVE_SECONDS = 0.02;
const CEILING_SECONDS = 0.2;
/** Between the last moment at which a packet may come and the playing of its first frame. */
const MARGIN_SECONDS = 0.004;
/** The clock of time stamps is corrected now and then: so much is no gap. */
const CONTIGUOUS_SECONDS = 0.005;
/** A time stamp that falls by more is not that of an old packet: a new time begins. */
const NEW_TIME_SECONDS = 1;
/** More never waits. */
const MOST_WAITING_SECONDS = 1;

/** Less than a tenth of a semitone: nobody hears that the pitch changes. */
const SPEED_RANGE = 0.005;
const SPEED_SETTLES_SECONDS = 5;
const SPEED_TURNS_SECONDS = 0.25;
/** The clocks of two machines are hardly further apart. Four times the other: it does not swing. */
const DRIFT_RANGE = 0.001;
const DRIFT_LEARNT_SECONDS = 4 * SPEED_SETTLES_SECONDS;
/** A delay that is off by more is mended by periods of the sound, left out or played twice. */
const SPLICE_SECONDS = 0.03;
const SPLICE_EVERY_SECONDS = 0.06;
/** And one that is too long by more than this, where nobody hears that a period is left out. */
const UNHEARD_SPLICE_SECONDS = 0.008;
const UNHEARD_SIMILARITY = 0.9;
const LOOK_AGAIN_SECONDS = 0.02;
/** What came too late is expected to come as late again for so long. */
const CAUTION_SECONDS = 1;
/** More than this is cut out in one piece: what has come after an outage. */
const CUT_SECONDS = 0.25;

/** The energy of 10 ms at -70 dB: two sounds that are softer are alike. */
const SILENCE = 240 * 1e-7;

/** The periods of voices lie between these. */
const SHORTEST_PERIOD_SECONDS = 0.0025;
const LONGEST_PERIOD_SECONDS = 0.015;
const COMPARED_SECONDS = 0.01;
const FADE_SECONDS = 0.005;
/** A missing sound is made up for so long, ever more softly. */
const CONCEALED_SECONDS = 0.06;

/**
 * Frames in the order of their time stamps, played with the least delay with which they do not run out.
 *
 * - The delay follows the lateness that is measured (LatenessWindow). It is reached and held by
 *   resampling, also against a sender's clock that is not quite that of the sound card; large
 *   differences by splicing.
 * - Where sound is missing, its last period is repeated and fades out; what comes then fades in. Time
 *   goes on meanwhile. No transition is a jump.
 */
export class AudioRing {
  #rate;
  #channels;
  #lateness;
  /** Index of the frame that is read next, with a fraction. */
  #position = 0;
  /** Index after the last frame, and the time there. Without one there is nothing to go on from. */
  #end = 0;
  #endTime = -Infinity;
  #rendered = 0;
  #speed = 1;
  /** By how much the sender's clock seems to be faster. */
  #drift = 0;
  /** A delay that the pictures ask for. */
  #held = -Infinity;
  #spliceAllowed = 0;
  /** Of the lag that was found last: 1 for sound that repeats itself exactly, or is silent. */
  #similarity = 0;
  /** The lateness of what was missed last, and for how long it is expected again. */
  #cautiousDelay = -Infinity;
  #cautiousUntil = 0;

  /** Whether what is heard is made up, because there is nothing to play or it is not yet due. */
  #isDry = true;
  /** While it is dry: what was made up since, and out of which last period. */
  #madeUp = Infinity;
  #dryFrom = 0;
  #leftOver = 0;
  #period = 1;
  /** The delay before it was dry. */
  #lastDelay = NaN;

  /** What would have come next before a transition: it fades out over what comes. @type {Float32Array[]} */
  #tail = [];
  #tailAt = Infinity;

  #lastWritten = -Infinity;
  #squares = 0;
  #measured = 0;

  /** How often sound was missed because it came too late. */
  underruns = 0;
  /** Frames left out after an outage, or because they came twice. */
  droppedFrames = 0;
  /** Frames made up here for those that were late or lost. */
  concealedFrames = 0;

  /** @param {{sampleRate: number, channels: number}} options */
  constructor({ sampleRate, channels }) {
    this.#rate = sampleRate;
    this.#channels = Array.from({ length: channels }, () => new Float32Array(CAPACITY));
    this.#lateness = new LatenessWindow(sampleRate, {
      reserve: RESERVE_SECONDS * sampleRate,
      ceiling: CEILING_SECONDS * sampleRate,
    });
  }

  get bufferedSeconds() {
    return this.#waiting / this.#rate;
  }

  /** The part of the delay that is there for jitter or for late pictures. */
  get targetSeconds() {
    const { needed, lowest } = this.#lateness;
    return needed === Infinity ? 0 : (this.#target - lowest) / this.#rate;
  }

  /** False while nothing is heard but what is made up. */
  get isPlaying() {
    return !this.#isDry;
  }

  /** Whether all that was made up has faded out. */
  get isSilent() {
    return this.#isDry && this.#madeUp >= this.#frames(CONCEALED_SECONDS);
  }

  /** Frames of the sender for each frame of the sound card. */
  get speed() {
    return this.#speed;
  }

  /** For how long nothing has come. */
  get quietSeconds() {
    return (this.#rendered - this.#lastWritten) / this.#rate;
  }

  /** The time, in microseconds, of what `read` begins with next; NaN before the first sound. */
  get headMicros() {
    const delay = this.#isDry ? this.#lastDelay : this.#delay;
    return ((this.#rendered - delay) * 1e6) / this.#rate;
  }

  /** How loud it was since the last call: the root mean square, at most 1. */
  takeLevel() {
    const level = this.#measured > 0 ? Math.sqrt(this.#squares / this.#measured) : 0;
    this.#squares = this.#measured = 0;
    return level;
  }

  get #waiting() {
    return this.#end - this.#position;
  }

  get #delay() {
    return this.#rendered - (this.#endTime - this.#waiting);
  }

  get #target() {
    const { needed, lowest } = this.#lateness;
    const most = lowest + this.#frames(CEILING_SECONDS);
    const isCautious = this.#rendered < this.#cautiousUntil && this.#cautiousDelay <= most;
    const cautious = isCautious ? this.#cautiousDelay : -Infinity;
    return Math.max(needed, cautious, Math.min(this.#held, most)) + this.#frames(MARGIN_SECONDS);
  }

  /** @param {number} seconds */
  #frames(seconds) {
    return Math.round(seconds * this.#rate);
  }

  /**
   * Pictures come later than their sound: play it with no less delay than this.
   * @param {number} seconds what is rendered, minus the time; −Infinity takes the wish back
   */
  hold(seconds) {
    this.#held = seconds * this.#rate;
  }

  /** Another stream begins. What waits is not played any more. */
  clear() {
    this.#leave();
    this.#lateness.clear();
  }

  #leave() {
    if (!this.#isDry) this.#runDry();
    this.#position = this.#end;
    this.#endTime = -Infinity;
    this.#lastDelay = NaN;
  }

  /**
   * @param {number} timestampMicros of the first frame
   * @param {Float32Array[]} planes one for each channel; a mono source plays on every channel
   * @param {boolean} [madeUp] by the decoder, in the place of what was lost
   */
  write(timestampMicros, planes, madeUp = false) {
    const time = (timestampMicros / 1e6) * this.#rate;
    const frames = planes[0].length;
    if (time < this.#endTime - this.#frames(NEW_TIME_SECONDS)) this.clear();
    if (!madeUp && this.#lateness.observe(this.#rendered, time)) this.#leave();
    const gap = time - this.#endTime;
    if (gap <= -frames) {
      this.droppedFrames += frames;
      return;
    }
    const isContiguous = gap <= this.#frames(CONTIGUOUS_SECONDS);
    const ranOut = this.#isDry && this.#waiting <= REACH;
    if (ranOut && madeUp) return; // something has been made up in its place already
    if (ranOut && isContiguous) this.#wasMissed(this.#rendered - time);
    else if (ranOut) this.#position = this.#end;
    else if (!isContiguous) this.#fillGap(gap);
    this.#append(planes);
    if (!ranOut && !isContiguous) this.#ramp(this.#end - frames, 1);
    this.#endTime = time + frames;
    this.#lastWritten = this.#rendered;
  }

  /** @param {number} lateness others may be as late for a while */
  #wasMissed(lateness) {
    this.underruns += 1;
    this.#cautiousDelay = lateness;
    this.#cautiousUntil = this.#rendered + this.#frames(CAUTION_SECONDS);
  }

  /**
   * A pause of the sender, while what came before it still waits.
   * @param {number} gap
   */
  #fillGap(gap) {
    this.#ramp(this.#end - 1, -1);
    this.#append([new Float32Array(Math.min(gap, this.#frames(CUT_SECONDS)))]);
  }

  /**
   * Fades what waits in from an index, or towards the past: out up to it.
   * @param {number} from
   * @param {1 | -1} step
   */
  #ramp(from, step) {
    const fade = Math.min(this.#frames(FADE_SECONDS), Math.floor(this.#waiting));
    for (const plane of this.#channels) {
      for (let i = 0; i < fade; i++) plane[(from + i * step) & MASK] *= i / fade;
    }
  }

  /** @param {Float32Array[]} planes */
  #append(planes) {
    const frames = planes[0].length;
    const surplus = Math.ceil(this.#waiting + frames - this.#frames(MOST_WAITING_SECONDS));
    if (surplus > 0) {
      this.droppedFrames += surplus;
      if (this.#isDry) this.#position += surplus;
      else this.#goTo(this.#position + surplus);
    }
    this.#channels.forEach((plane, index) => {
      const source = planes[Math.min(index, planes.length - 1)];
      for (let i = 0; i < frames; i++) plane[(this.#end + i) & MASK] = source[i];
    });
    this.#end += frames;
  }

  /**
   * Fills every output channel.
   * @param {Float32Array[]} outputs
   * @param {number} [rendered] what the sound card has taken before
   */
  read(outputs, rendered = this.#rendered) {
    const wanted = outputs[0].length;
    this.#rendered = rendered;
    if (this.#isDry && this.#isDue(wanted)) this.#goTo(this.#position);
    if (!this.#isDry) this.#steer(wanted);
    const played = this.#isDry ? 0 : this.#play(outputs, wanted);
    if (played < wanted) {
      if (!this.#isDry) this.#runDry(played);
      this.#makeUp(outputs, played);
    }
    this.#fadeTail(outputs);
    this.#measure(outputs);
    this.#rendered += wanted;
  }

  /** @param {number} wanted */
  #isDue(wanted) {
    return this.#waiting > 2 * wanted + REACH && this.#delay >= this.#target;
  }

  /**
   * @param {Float32Array[]} outputs
   * @param {number} wanted
   * @returns {number} how many frames there were
   */
  #play(outputs, wanted) {
    let played = 0;
    for (; played < wanted && this.#waiting > REACH; played++) {
      for (let channel = 0; channel < outputs.length; channel++) {
        outputs[channel][played] = interpolated(this.#plane(channel), this.#position);
      }
      this.#position += this.#speed;
    }
    return played;
  }

  /** @param {number} channel */
  #plane(channel) {
    return this.#channels[Math.min(channel, this.#channels.length - 1)];
  }

  /**
   * Brings the delay nearer to what it should be.
   * @param {number} frames that are read now
   */
  #steer(frames) {
    const excess = this.#delay - this.#target;
    const [shortest, longest] = [SHORTEST_PERIOD_SECONDS, LONGEST_PERIOD_SECONDS].map((s) => this.#frames(s));
    const room = Math.floor(this.#waiting) - this.#frames(COMPARED_SECONDS) - 2 * frames - REACH;
    const surplus = Math.min(Math.floor(excess), room);
    if (surplus > this.#frames(CUT_SECONDS)) {
      this.droppedFrames += this.#splice(surplus - longest, surplus);
    } else if (this.#rendered >= this.#spliceAllowed) {
      const isLarge = Math.abs(excess) > this.#frames(SPLICE_SECONDS);
      const isEnough = excess > this.#frames(UNHEARD_SPLICE_SECONDS) && surplus >= shortest;
      if (isEnough) this.#splice(shortest, Math.min(surplus, longest), isLarge ? -1 : UNHEARD_SIMILARITY);
      else if (isLarge && excess < 0 && room > 0) this.#splice(-longest, -shortest);
    }
    const wish = excess / this.#frames(SPEED_SETTLES_SECONDS);
    if (Math.abs(wish) < DRIFT_RANGE) {
      this.#drift = clamp(this.#drift + wish * (frames / this.#frames(DRIFT_LEARNT_SECONDS)), DRIFT_RANGE);
    }
    const speed = 1 + clamp(this.#drift + wish, SPEED_RANGE);
    this.#speed += (speed - this.#speed) * (frames / this.#frames(SPEED_TURNS_SECONDS));
  }

  /**
   * Goes on so many frames later, or earlier, where the sound is most like that here.
   * @param {number} least
   * @param {number} most
   * @param {number} [similarity] that it has to have; otherwise it goes on here
   * @returns {number} how many
   */
  #splice(least, most, similarity = -1) {
    const lag = this.#mostSimilar(Math.floor(this.#position), least, most);
    if (this.#similarity < similarity) {
      this.#spliceAllowed = this.#rendered + this.#frames(LOOK_AGAIN_SECONDS);
      return 0;
    }
    this.#goTo(this.#position + lag);
    this.#spliceAllowed = this.#rendered + this.#frames(SPLICE_EVERY_SECONDS);
    return lag;
  }

  /**
   * @param {number} from index at which the sound that is compared begins
   * @param {number} least
   * @param {number} most
   * @returns {number} the lag at which the sound is most similar
   */
  #mostSimilar(from, least, most) {
    const [plane] = this.#channels;
    const compared = this.#frames(COMPARED_SECONDS);
    let own = SILENCE;
    for (let i = 0; i < compared; i += 2) own += plane[(from + i) & MASK] ** 2;
    let [best, bestScore] = [least, -Infinity];
    for (let lag = least; lag <= most; lag++) {
      let [product, energy] = [SILENCE, SILENCE];
      for (let i = 0; i < compared; i += 2) {
        const there = plane[(from + lag + i) & MASK];
        product += plane[(from + i) & MASK] * there;
        energy += there * there;
      }
      const score = product / Math.sqrt(energy * own);
      if (score > bestScore) [best, bestScore] = [lag, score];
    }
    this.#similarity = bestScore;
    return best;
  }

  /** Plays on from another position, or again. @param {number} position */
  #goTo(position) {
    const fade = this.#frames(FADE_SECONDS);
    if (!this.#isDry && this.#waiting <= fade + REACH + 1) this.#runDry();
    const tail = this.#channels.map((plane, channel) =>
      Float32Array.from({ length: fade }, (_, i) =>
        this.#isDry ? this.#madeUpFrame(channel, this.#madeUp + i) : interpolated(plane, this.#position + i),
      ),
    );
    this.#fadeTail(tail);
    this.#tail = tail;
    this.#tailAt = 0;
    this.#position = position;
    this.#isDry = false;
  }

  /** @param {Float32Array[]} outputs */
  #fadeTail(outputs) {
    const from = this.#tailAt;
    if (from >= (this.#tail[0]?.length ?? 0)) return;
    outputs.forEach((output, channel) => {
      const tail = this.#tail[Math.min(channel, this.#tail.length - 1)];
      for (let i = 0; i < output.length && from + i < tail.length; i++) {
        const share = (from + i + 1) / (tail.length + 1);
        output[i] = tail[from + i] * (1 - share) + output[i] * share;
      }
    });
    this.#tailAt = from + outputs[0].length;
  }

  /** @param {number} [played] frames since what is rendered */
  #runDry(played = 0) {
    const compared = this.#frames(COMPARED_SECONDS);
    this.#lastDelay = this.#delay + played;
    this.#isDry = true;
    this.#madeUp = 0;
    this.#dryFrom = Math.floor(this.#position);
    this.#leftOver = Math.min(REACH, this.#end - this.#dryFrom - 1);
    const [shortest, longest] = [SHORTEST_PERIOD_SECONDS, LONGEST_PERIOD_SECONDS].map((s) => this.#frames(s));
    this.#period = -this.#mostSimilar(this.#dryFrom - compared, -longest, -shortest);
  }

  /**
   * The last period again and again, ever more softly. It begins by fading over what is left: too
   * little for the interpolation, but enough to begin without a jump.
   * @param {number} channel
   * @param {number} at frames since it ran dry
   */
  #madeUpFrame(channel, at) {
    const loudness = 1 - at / this.#frames(CONCEALED_SECONDS);
    if (loudness <= 0) return 0;
    const plane = this.#plane(channel);
    const repeated = plane[(this.#dryFrom - this.#period + (at % this.#period)) & MASK];
    const share = Math.max(0, 1 - (at + 1) / (this.#leftOver + 1));
    return loudness * (share > 0 ? plane[(this.#dryFrom + at) & MASK] * share + repeated * (1 - share) : repeated);
  }

  /**
   * @param {Float32Array[]} outputs
   * @param {number} from
   */
  #makeUp(outputs, from) {
    const frames = outputs[0].length - from;
    outputs.forEach((output, channel) => {
      for (let i = 0; i < frames; i++) output[from + i] = this.#madeUpFrame(channel, this.#madeUp + i);
    });
    const silentAt = this.#frames(CONCEALED_SECONDS);
    this.concealedFrames += Math.min(frames, Math.max(0, silentAt - this.#madeUp));
    this.#madeUp += frames;
  }

  /** @param {Float32Array[]} outputs */
  #measure(outputs) {
    for (const output of outputs) {
      for (const sample of output) this.#squares += sample * sample;
      this.#measured += output.length;
    }
  }
}

/** @param {number} value @param {number} range */
const clamp = (value, range) => Math.max(-range, Math.min(range, value));

/**
 * Sound on its way to the ring.
 *
 * @typedef {object} RingSound
 * @property {number} timestamp microseconds, of the first frame
 * @property {boolean} madeUp in the place of what was lost
 * @property {number} numberOfChannels
 * @property {Uint8Array} samples interleaved, of 16 bits, little-endian
 */

/**
 * Of each channel its samples, from -1 to 1.
 * @param {Pick<RingSound, 'samples' | 'numberOfChannels'>} sound
 */
export function planesOf({ samples, numberOfChannels }) {
  const frames = samples.byteLength / (2 * numberOfChannels);
  const view = new DataView(samples.buffer, samples.byteOffset);
  return Array.from({ length: numberOfChannels }, (_, channel) => {
    const plane = new Float32Array(frames);
    for (let i = 0; i < frames; i++) {
      plane[i] = view.getInt16(2 * (i * numberOfChannels + channel), true) / 0x8000;
    }
    return plane;
  });
}

/**
 * @typedef {object} RingReport
 * @property {number} headMicros time stamp of the sound that the context takes at `contextTime`; NaN
 *     before the first
 * @property {number} contextTime seconds
 * @property {number} quietSeconds for how long nothing has come
 * @property {boolean} playing
 * @property {number} level root mean square since the report before, 0 to 1
 * @property {number} bufferedSeconds
 * @property {number} targetSeconds
 * @property {number} speed
 * @property {number} underruns
 * @property {number} concealedSeconds
 * @property {number} droppedSeconds
 */

const REPORT_EVERY_SECONDS = 0.05;

if (typeof AudioWorkletProcessor !== 'undefined') {
  /**
   * Takes a RingSound, `{hold}`, `{clear}` and `{close}` from the page, and posts a RingReport twenty
   * times a second.
   */
  class RingProcessor extends AudioWorkletProcessor {
    #ring = new AudioRing({ sampleRate, channels: 2 });
    #reportAt = 0;
    #closing = false;

    constructor() {
      super();
      this.port.onmessage = ({ data }) => {
        if (data.samples) this.#ring.write(data.timestamp, planesOf(data), data.madeUp);
        else if (data.hold !== undefined) this.#ring.hold(data.hold);
        else this.#ring.clear();
        this.#closing ||= data.close === true;
      };
    }

    /**
     * @param {Float32Array[][]} _inputs
     * @param {Float32Array[][]} outputs
     */
    process(_inputs, outputs) {
      const ring = this.#ring;
      ring.read(outputs[0], currentFrame);
      if (currentTime >= this.#reportAt) {
        this.#reportAt = currentTime + REPORT_EVERY_SECONDS;
        this.#report((currentFrame + outputs[0][0].length) / sampleRate);
      }
      // What was cleared fades out before it ends.
      return !(this.#closing && ring.isSilent);
    }

    /** @param {number} contextTime at which the head is played */
    #report(contextTime) {
      const ring = this.#ring;
      /** @type {RingReport} */
      const report = {
        headMicros: ring.headMicros,
        contextTime,
        quietSeconds: ring.quietSeconds,
        playing: ring.isPlaying,
        level: ring.takeLevel(),
        bufferedSeconds: ring.bufferedSeconds,
        targetSeconds: ring.targetSeconds,
        speed: ring.speed,
        underruns: ring.underruns,
        concealedSeconds: ring.concealedFrames / sampleRate,
        droppedSeconds: ring.droppedFrames / sampleRate,
      };
      this.port.postMessage(report);
    }
  }
  registerProcessor('heliograph-ring', RingProcessor);
}
