import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { start, stop } from './child.js';

/** A private PulseAudio whose loudspeaker is a null sink, of which `listen` takes a recording. */
export class SoundServer {
  #folder;
  #child;
  environment;

  /** @param {string} folder */
  constructor(folder) {
    this.#folder = folder;
    const home = { HOME: folder, PULSE_RUNTIME_PATH: folder, PULSE_STATE_PATH: folder };
    this.environment = {
      PULSE_SERVER: `unix:${folder}/native`,
      PULSE_RUNTIME_PATH: folder,
      PULSE_STATE_PATH: folder,
      PULSE_COOKIE: `${folder}/cookie`,
      // As with a sound card. A null sink has a buffer of half a second, which Chromium learns of late.
      PULSE_LATENCY_MSEC: '30',
    };
    this.#child = start(
      'pulseaudio',
      [
        ...'-n --daemonize=no --use-pid-file=no --exit-idle-time=-1 --disable-shm=yes'.split(' '),
        ...'--realtime=no --high-priority=no --log-target=stderr --log-level=info'.split(' '),
        '-L',
        // Without rewinds it looks for sound every 50 ms. With them, a stream that comes while nothing plays may be
        // left waiting for two seconds, until what was rendered for nobody has passed.
        'module-null-sink sink_name=loudspeaker rate=48000 channels=2 format=s16le norewinds=1',
        '-L',
        `module-native-protocol-unix socket=${folder}/native auth-anonymous=1`,
      ],
      { env: { ...process.env, ...home } },
    );
  }

  static async open() {
    const server = new SoundServer(await mkdtemp(join(tmpdir(), 'heliograph-sound-')));
    await new Promise((resolve) =>
      server.#child.stderr?.on('data', (text) => {
        if (String(text).includes('Daemon startup complete')) resolve(undefined);
      }),
    );
    return server;
  }

  /**
   * What the loudspeaker plays from now on.
   * @param {number} seconds
   * @returns {Promise<Int16Array>} one channel at 48 kHz
   */
  async listen(seconds) {
    return (await this.record(seconds)).samples;
  }

  /**
   * The same, and when it was.
   * @param {number} seconds
   * @returns {Promise<{samples: Int16Array, startedMs: number}>} milliseconds since 1970
   */
  async record(seconds) {
    const recorder = start(
      'parec',
      '--device=loudspeaker.monitor --rate=48000 --channels=1 --format=s16le --latency-msec=5 --raw'.split(' '),
      { env: { ...process.env, ...this.environment } },
    );
    const wanted = Math.round(seconds * 48_000) * 2;
    let bytes = Buffer.alloc(0);
    // A piece comes after its last sample was played, some later than others.
    let startedMs = Infinity;
    await new Promise((resolve) =>
      recorder.stdout?.on('data', (more) => {
        bytes = Buffer.concat([bytes, more]);
        startedMs = Math.min(startedMs, Date.now() - bytes.length / 2 / 48);
        if (bytes.length >= wanted) resolve(undefined);
      }),
    );
    await stop(recorder);
    const samples = new Int16Array(new Uint8Array(bytes.subarray(0, wanted)).buffer);
    return { samples, startedMs };
  }

  async close() {
    await stop(this.#child);
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/**
 * When sounds begin, in milliseconds since the recording began.
 * @param {Int16Array} samples
 */
export function onsets(samples, sampleRate = 48_000) {
  const found = [];
  let silentFor = Infinity;
  for (let i = 0; i < samples.length; i++) {
    const loud = Math.abs(samples[i]) > 1500;
    if (loud && silentFor > sampleRate / 10) found.push((i * 1000) / sampleRate);
    silentFor = loud ? 0 : silentFor + 1;
  }
  return found;
}

/** So short that a player that runs half a percent faster, to win back delay, still plays the tone. */
const PIECE_SECONDS = 0.04;

/**
 * How much of a tone is in a recording: 1 for that tone alone, 0 for silence. The median of its pieces.
 * @param {Int16Array} samples
 * @param {number} hertz
 */
export function toneShare(samples, hertz, sampleRate = 48_000) {
  const length = Math.round(PIECE_SECONDS * sampleRate);
  const shares = [];
  for (let at = 0; at + length <= samples.length; at += length) {
    shares.push(shareOfPiece(samples.subarray(at, at + length), (2 * Math.PI * hertz) / sampleRate));
  }
  return shares.sort((a, b) => a - b)[shares.length >> 1];
}

/**
 * Goertzel.
 * @param {Int16Array} samples
 * @param {number} step of the tone's phase from one sample to the next
 */
function shareOfPiece(samples, step) {
  const coefficient = 2 * Math.cos(step);
  let [one, two, energy] = [0, 0, 0];
  for (const sample of samples) {
    [one, two] = [sample + coefficient * one - two, one];
    energy += sample * sample;
  }
  const power = one * one + two * two - coefficient * one * two;
  return energy === 0 ? 0 : (2 * power) / (energy * samples.length);
}
