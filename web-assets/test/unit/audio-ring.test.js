import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AudioRing, LatenessWindow, planesOf } from '../../lib/audio-ring.js';

const RATE = 48_000;
const QUANTUM = 128;
const PACKET = 960;

/** What a clock, a network and a sound card do to packets of a tone, in virtual time. */
class Listener {
  ring;
  /** What the last `run` made heard, and the delay of each quantum in milliseconds. */
  heard = /** @type {number[]} */ ([]);
  delays = /** @type {number[]} */ ([]);
  #sent = 0;
  #rendered = 0;
  #output = new Float32Array(QUANTUM);
  /** @type {{at: number, time: number}[]} */
  #onTheWay = [];

  /**
   * @param {object} [options]
   * @param {(t: number) => number} [options.sound] by the sender's time in seconds
   * @param {number} [options.drift] by how much the sender's clock is faster
   * @param {(packet: number) => number} [options.late] milliseconds; NaN: never comes
   * @param {number} [options.burst] quanta that the sound card takes at once
   * @param {number} [options.rate] a low one takes less time to test
   */
  constructor({ sound = tone(), drift = 0, late = () => 0, burst = 1, rate = RATE } = {}) {
    this.ring = new AudioRing({ sampleRate: rate, channels: 1 });
    this.rate = rate;
    this.packet = rate / 50;
    this.sound = sound;
    this.drift = drift;
    this.late = late;
    this.burst = burst;
  }

  /** @param {number} seconds on the sound card's clock */
  run(seconds) {
    this.heard = [];
    this.delays = [];
    for (const until = this.#rendered + seconds * this.rate; this.#rendered < until; ) {
      this.#deliver();
      for (let i = 0; i < this.burst; i++) this.#read();
    }
    return this;
  }

  #deliver() {
    // A packet leaves when its last frame has been recorded.
    for (; this.#sentAt(this.#sent + 1) <= this.#rendered; this.#sent++) {
      const late = this.late(this.#sent);
      const at = this.#sentAt(this.#sent + 1) + (late * this.rate) / 1000;
      if (!Number.isNaN(late)) this.#onTheWay.push({ at, time: this.#sent * this.packet });
    }
    // In order, as a WebSocket brings them.
    while (this.#onTheWay.length > 0 && this.#onTheWay[0].at <= this.#rendered) {
      const { time } = /** @type {{time: number}} */ (this.#onTheWay.shift());
      const samples = Float32Array.from({ length: this.packet }, (_, i) => this.sound((time + i) / this.rate));
      this.ring.write((time * 1e6) / this.rate, [samples]);
    }
  }

  /** Sorted, of the last `run`. */
  get sortedDelays() {
    return this.delays.filter((delay) => !Number.isNaN(delay)).sort((a, b) => a - b);
  }

  get delay() {
    const sorted = this.sortedDelays;
    return sorted[sorted.length >> 1];
  }

  /** @param {number} packet */
  #sentAt(packet) {
    return (packet * this.packet) / (1 + this.drift);
  }

  #read() {
    const delay = this.#rendered / this.rate - this.ring.headMicros / 1e6;
    this.ring.read([this.#output]);
    this.#rendered += QUANTUM;
    this.delays.push(delay * 1000);
    this.heard.push(...this.#output);
  }
}

/** @param {number} [hertz] @param {number} [loudness] */
const tone = (hertz = 440, loudness = 0.5) => (/** @type {number} */ t) =>
  loudness * Math.sin(2 * Math.PI * hertz * t);

/** The largest second difference: of a tone it is small, and any click makes it large. */
function roughness(/** @type {number[]} */ samples) {
  let most = 0;
  for (let i = 2; i < samples.length; i++) {
    most = Math.max(most, Math.abs(samples[i] - 2 * samples[i - 1] + samples[i - 2]));
  }
  return most;
}

/** What a tone of 440 Hz has by itself. */
const SMOOTH = 0.5 * ((2 * Math.PI * 440) / RATE) ** 2;
/** What fading over from one phase of it to another adds at most; a jump would be thirty times that. */
const FADED = 0.02;

/** Evenly spread from 0 to `most`, the same in every run. @param {number} most */
function jitter(most) {
  let seed = 1;
  return () => (most * (seed = (seed * 16807) % 2147483647)) / 2147483647;
}

/**
 * How strong a tone is in samples, and all else: a clean one has hundreds of times as much.
 * @param {number[]} samples
 * @param {number} hertz
 */
function toneAndRest(samples, hertz) {
  let [cosine, sine, energy] = [0, 0, 0];
  samples.forEach((sample, i) => {
    const window = 1 - Math.cos((2 * Math.PI * i) / samples.length);
    const angle = (2 * Math.PI * hertz * i) / RATE;
    cosine += window * sample * Math.cos(angle);
    sine += window * sample * Math.sin(angle);
    energy += (window * sample) ** 2;
  });
  const tone = (3 * (cosine ** 2 + sine ** 2)) / samples.length;
  return { tone, rest: energy - tone };
}

test('a clean stream is played with hardly more delay than a packet takes to be recorded', () => {
  const listener = new Listener().run(25);
  listener.run(5);
  assert.ok(listener.delay < 26, `${listener.delay} ms, 20 of them the packet`);
  assert.equal(listener.ring.underruns, 0);
  assert.ok(roughness(listener.heard) < SMOOTH * 1.01);
});

test('it begins softly, and at once', () => {
  const listener = new Listener().run(0.2);
  const first = listener.heard.findIndex((sample) => Math.abs(sample) > 0.01);
  assert.ok(first < 0.05 * RATE, `heard after ${first} frames`);
  assert.ok(roughness(listener.heard) < FADED);
});

for (const drift of [300e-6, -300e-6, 600e-6, -600e-6]) {
  test(`a sender’s clock that is off by ${drift * 1e6} ppm is followed without a drop or a click`, () => {
    const listener = new Listener({ drift }).run(40);
    const { underruns } = listener.ring;
    let roughest = 0;
    for (let i = 0; i < 10; i++) roughest = Math.max(roughest, roughness(listener.run(4).heard));
    assert.ok(roughest < SMOOTH * 1.03, `${roughest} instead of ${SMOOTH}`);
    assert.equal(listener.ring.underruns, underruns);
    assert.equal(listener.ring.droppedFrames, 0);
    assert.ok(Math.abs(listener.ring.speed - 1 - drift) < 2.5e-4, `speed ${listener.ring.speed}`);
    // Heard at the sender's pitch on the sound card's clock: nothing else is in it.
    const { tone: strength, rest } = toneAndRest(listener.run(0.1).heard, 440 * listener.ring.speed);
    assert.ok(rest < strength * 1e-4, `${10 * Math.log10(rest / strength)} dB`);
  });
}

test('high tones are resampled as cleanly as low ones', () => {
  const drift = 5e-4;
  const listener = new Listener({ drift, sound: tone(12_000) }).run(30);
  const { tone: strength, rest } = toneAndRest(listener.run(0.1).heard, 12_000 * listener.ring.speed);
  assert.ok(rest < strength * 1e-4, `${10 * Math.log10(rest / strength)} dB`);
});

test('half an hour of drift adds nothing to the delay', () => {
  const listener = new Listener({ drift: 150e-6, sound: () => 0, rate: 12_000 }).run(30);
  const before = listener.delay;
  for (let minute = 0; minute < 30; minute++) listener.run(60);
  // The delay is seen on two clocks: what one has gained meanwhile is no delay.
  const gained = 1800 * 1000 * 150e-6;
  assert.ok(Math.abs(listener.delay + gained - before) < 5, `${before} ms, then ${listener.delay + gained}`);
  assert.ok(listener.ring.bufferedSeconds < 0.05);
  assert.equal(listener.ring.underruns, 0);
});

test('the delay grows with the jitter, and with it no further', () => {
  const listener = new Listener({ late: jitter(60) }).run(10);
  const before = listener.ring.underruns;
  listener.run(20);
  assert.ok(listener.delay > 70 && listener.delay < 90, `${listener.delay} ms`);
  assert.ok(listener.ring.underruns - before <= 1);
  assert.ok(roughness(listener.heard) < FADED);
});

test('when the jitter is over, the delay shrinks again within seconds of knowing it', () => {
  const calm = { late: () => 0 };
  const rough = jitter(80);
  const listener = new Listener({ late: (packet) => (packet < 1000 ? rough() : calm.late()) }).run(20);
  assert.ok(listener.delay > 85, `${listener.delay} ms`);
  listener.run(15);
  assert.ok(roughness(listener.heard) < FADED, 'whole periods are left out');
  assert.ok(listener.run(2).delay < 60, `${listener.delay} ms`);
});

test('a little delay is won back at once where the sound repeats itself, and gently where it does not', () => {
  const noise = jitter(0.5);
  /** @param {(t: number) => number} sound */
  const delays = (sound) => {
    const rough = jitter(28);
    const listener = new Listener({ sound, late: (packet) => (packet < 1000 ? rough() : 0) }).run(20);
    const before = listener.delay;
    const smooth = listener.run(11.5);
    return { before, after: smooth.run(0.5).delay, roughness: roughness(smooth.heard) };
  };
  const [voice, hiss] = [delays(tone()), delays(() => noise() - 0.25)];
  assert.ok(voice.before > 40 && hiss.before > 40, `${voice.before} and ${hiss.before} ms`);
  assert.ok(voice.after < 35, `${voice.after} ms`);
  assert.ok(voice.roughness < FADED);
  assert.ok(hiss.after > voice.after + 4, `${hiss.after} ms`);
});

test('one late packet in a while costs no lasting delay', () => {
  const listener = new Listener({ late: (packet) => (packet === 1000 ? 70 : 0) }).run(19);
  assert.equal(listener.ring.underruns, 0);
  listener.run(6);
  assert.equal(listener.ring.underruns, 1);
  listener.run(10);
  assert.ok(listener.run(2).delay < 30, `${listener.delay} ms`);
});

test('a way that becomes longer for good is missed once', () => {
  const listener = new Listener({ late: (packet) => (packet < 500 ? 0 : 80) }).run(20);
  assert.equal(listener.ring.underruns, 1);
  assert.ok(roughness(listener.heard) < FADED);
  assert.ok(Math.abs(listener.run(5).delay - 105) < 4, `${listener.delay} ms`);
});

test('within a second of the end of an outage it is as before', () => {
  // What was to come within 1.5 s comes at once.
  const late = (/** @type {number} */ packet) => (packet >= 500 && packet < 575 ? (575 - packet) * 20 : 0);
  const listener = new Listener({ late }).run(10);
  assert.ok(roughness(listener.run(2.5).heard) < FADED, 'it fades out, and in again');
  assert.ok(listener.run(2).delay < 30, `${listener.delay} ms`);
  assert.equal(listener.ring.underruns, 1);
});

test('lost packets are covered without a click, and add no delay', () => {
  const late = (/** @type {number} */ packet) => (packet % 50 === 20 ? NaN : 0);
  const listener = new Listener({ late }).run(10);
  const quietest = listener.run(10).heard;
  assert.ok(roughness(quietest) < FADED);
  assert.ok(listener.delay < 30, `${listener.delay} ms`);
  assert.equal(listener.ring.underruns, 0);
  // Somewhere in each 20 ms there is something to be heard.
  for (let at = 0; at < quietest.length - PACKET; at += PACKET) {
    const loudest = Math.max(...quietest.slice(at, at + PACKET).map(Math.abs));
    assert.ok(loudest > 0.2, `${loudest} at ${at}`);
  }
});

test('a sender’s pauses add no delay, and time goes on in them', () => {
  // Discontinuous transmission: a packet every 400 ms for a while.
  const late = (/** @type {number} */ packet) => (packet % 500 > 300 && packet % 20 !== 0 ? NaN : 0);
  const listener = new Listener({ late }).run(30);
  assert.equal(listener.ring.underruns, 0);
  assert.ok(roughness(listener.heard) < FADED);
  const { sortedDelays } = listener.run(10);
  assert.ok(sortedDelays[sortedDelays.length - 1] < 30, `${sortedDelays[sortedDelays.length - 1]} ms`);
});

test('a sound card that takes its frames in bursts is fed in time', () => {
  const listener = new Listener({ burst: 8 }).run(5);
  listener.run(20);
  assert.equal(listener.ring.underruns, 0);
  assert.ok(listener.delay < 50, `${listener.delay} ms`);
});

test('sound waits for pictures that come later, gradually and without a click', () => {
  const listener = new Listener().run(15);
  listener.ring.hold(0.1);
  assert.ok(roughness(listener.run(3).heard) < FADED);
  assert.ok(Math.abs(listener.run(5).delay - 103) < 15, `${listener.delay} ms`);
  listener.ring.hold(10);
  listener.run(5);
  assert.ok(listener.run(5).delay < 250, 'but for no picture longer than an outage');
  listener.ring.hold(-Infinity);
  listener.run(10);
  assert.ok(listener.run(5).delay < 40, `${listener.delay} ms`);
});

/** One ring at the rate of real sound. */
function ring(channels = 1) {
  const its = new AudioRing({ sampleRate: RATE, channels });
  return {
    its,
    /** @param {number} ms @param {Float32Array[]} planes @param {boolean} [madeUp] */
    write: (ms, planes, madeUp) => its.write(ms * 1000, planes, madeUp),
    read(frames = QUANTUM) {
      const outputs = Array.from({ length: channels }, () => new Float32Array(frames));
      its.read(outputs);
      return outputs;
    },
    /** Time passes, and what waits is played. @param {number} ms */
    play(ms) {
      const heard = [];
      for (let i = 0; i < (ms * RATE) / 1000 / QUANTUM; i++) heard.push(...this.read()[0]);
      return heard;
    },
  };
}

const loud = (value = 0.5, frames = PACKET) => new Float32Array(frames).fill(value);

test('a mono source is heard on both sides', () => {
  const r = ring(2);
  for (const ms of [0, 20, 40]) r.write(ms, [loud()]);
  r.play(40);
  const [left, right] = r.read();
  assert.ok(left[0] > 0.4);
  assert.deepEqual(left, right);
});

test('a packet that comes twice is heard once', () => {
  const r = ring();
  r.write(0, [loud()]);
  r.write(20, [loud()]);
  r.write(0, [loud()]);
  assert.equal(r.its.bufferedSeconds, 0.04);
  assert.equal(r.its.droppedFrames, PACKET);
});

test('what the decoder made up for a lost packet is not played after its moment', () => {
  const r = ring();
  r.write(0, [loud()]);
  r.play(200);
  r.write(20, [loud()], true);
  assert.ok(r.its.bufferedSeconds < 0.001);
  r.write(200, [loud()]);
  r.write(220, [loud()], true);
  assert.ok(r.its.bufferedSeconds > 0.039, 'but it is, where it comes in time');
});

test('a time that begins anew is played at once', () => {
  const r = ring();
  for (const ms of [5000, 5020]) r.write(ms, [loud()]);
  r.play(100);
  for (const ms of [0, 20]) r.write(ms, [loud(0.25)]);
  assert.ok(r.play(60).some((sample) => Math.abs(sample - 0.25) < 0.001));
});

test('a clock that leaps ahead, as after a sleep, is followed at once', () => {
  const r = ring();
  for (let ms = 0; ms < 1000; ms += 20) {
    r.write(ms, [loud()]);
    r.play(20);
  }
  for (const ms of [3_600_000, 3_600_020]) r.write(ms, [loud(0.25)]);
  assert.ok(r.play(60).some((sample) => Math.abs(sample - 0.25) < 0.001));
  assert.ok(r.its.headMicros > 3_600_000_000);
});

test('more than it can ever hold leaves the newest', () => {
  const r = ring();
  for (let ms = 0; ms < 10_000; ms += 20) r.write(ms, [loud()]);
  assert.ok(r.its.bufferedSeconds <= 1);
  r.play(100);
  assert.ok(r.its.headMicros > 9_700_000, `at ${r.its.headMicros} µs`);
});

test('what is cleared fades out and is never heard again', () => {
  const r = ring();
  for (let ms = 0; ms < 100; ms += 20) r.write(ms, [loud()]);
  r.play(60);
  r.its.clear();
  const heard = r.play(100);
  assert.ok(heard[0] > 0.4);
  assert.ok(Math.max(...heard.map((sample, i) => (i > 0 ? Math.abs(sample - heard[i - 1]) : 0))) < 0.01);
  assert.equal(heard.at(-1), 0);
  assert.equal(r.its.isSilent, true);
  assert.ok(Number.isNaN(r.its.headMicros), 'and gives no time to follow');
});

test('tells how loud it is since it was asked last', () => {
  const listener = new Listener().run(2);
  listener.ring.takeLevel();
  listener.run(1);
  assert.ok(Math.abs(listener.ring.takeLevel() - 0.5 / Math.SQRT2) < 0.01);
  assert.equal(listener.ring.takeLevel(), 0);
});

test('the lateness that is needed is that of nearly all', () => {
  const window = new LatenessWindow(1, { reserve: 0.02, ceiling: 0.2 });
  assert.equal(window.needed, Infinity);
  window.observe(0.1, 0);
  assert.ok(Math.abs(window.needed - 0.12) < 1e-9, 'as long as little is known, something in reserve');
  for (let t = 0.02; t < 10; t += 0.02) {
    const late = t > 4 && t < 4.1 ? 0.15 : t > 6 && t < 7.5 ? 0.13 : 0.1;
    window.observe(t + late, t);
  }
  assert.ok(Math.abs(window.needed - 0.13) < 1e-9, 'the highest but for one hiccup');
  assert.ok(Math.abs(window.lowest - 0.1) < 1e-9);
});

test('what starting costs is soon forgotten', () => {
  const window = new LatenessWindow(1, { reserve: 0.02, ceiling: 0.2 });
  for (let t = 0; t < 7; t += 0.02) window.observe(t + (t < 2 ? 0.15 : 0), t);
  assert.ok(window.needed < 0.001, `${window.needed}`);
});

test('an outage is not taken for jitter, and a new base of all lateness not for an outage', () => {
  const window = new LatenessWindow(1, { reserve: 0, ceiling: 0.2 });
  let t = 0;
  for (; t < 10; t += 0.02) window.observe(t, t);
  for (let i = 0; i < 75; i++) window.observe(t + 1.5, t + i * 0.02);
  assert.ok(window.needed < 0.2);
  for (t += 1.5; t < 15; t += 0.02) window.observe(t + 3, t);
  assert.ok(Math.abs(window.needed - 3) < 1e-6, `${window.needed}`);
});

test('what is late as a whole for seconds, and catches up step by step, leaves no delay behind', () => {
  const window = new LatenessWindow(1, { reserve: 0.02, ceiling: 0.2 });
  let late = 0;
  for (let t = 0; t < 20; t += 0.02) {
    if (t > 10 && t < 13) late = 1.2;
    else late = Math.max(0, late - 0.05);
    window.observe(t + late, t);
    if (t > 10.02 && t < 13) continue; // believed when it has lasted for a second
    assert.ok(window.needed - window.lowest <= 0.2 + 1e-9, `${window.needed} at ${t}`);
  }
  assert.ok(window.needed - window.lowest < 0.05);
});

test('samples of 16 bits lie side by side, little-endian, wherever their view begins', () => {
  const samples = Uint8Array.of(99, 99, 0, 0x80, 0xff, 0x7f, 0, 0x40, 0, 0).subarray(2);
  const [left, right] = planesOf({ samples, numberOfChannels: 2 });
  assert.deepEqual([...left], [-1, 0.5]);
  assert.deepEqual([...right], [Math.fround(0x7fff / 0x8000), 0]);
  assert.deepEqual(
    planesOf({ samples, numberOfChannels: 1 }).map((plane) => plane.length),
    [4],
  );
});
