import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SoundDecoder, opusFrames } from '../../lib/sound-decoder.js';

/** As Chromium's: an output for each packet, whose time stamps count on from the first. */
class CountingDecoder {
  state = 'configured';
  #time = NaN;
  /** @param {{output: (data: any) => void}} init */
  constructor({ output }) {
    this.output = output;
  }
  configure() {}
  /** @param {{timestamp: number, data: Uint8Array}} chunk */
  decode({ timestamp, data }) {
    if (Number.isNaN(this.#time)) this.#time = timestamp;
    this.output({ timestamp: this.#time, bytes: data.length, close() {} });
    this.#time += 20_000;
  }
  close() {
    this.state = 'closed';
  }
}

const { AudioDecoder, EncodedAudioChunk } = globalThis;
before(() => {
  Object.assign(globalThis, {
    AudioDecoder: CountingDecoder,
    EncodedAudioChunk: class {
      constructor(/** @type {object} */ init) {
        Object.assign(this, init);
      }
    },
  });
});
after(() => void Object.assign(globalThis, { AudioDecoder, EncodedAudioChunk }));

/** CELT, 20 ms, one frame. */
const packet = Uint8Array.of(0xfc, 1, 2, 3);

/** @param {number[]} milliseconds at which packets come */
function decoded(milliseconds) {
  /** @type {[number, number, boolean][]} */
  const outputs = [];
  const decoder = new SoundDecoder(/** @type {any} */ ({}), {
    output: (data, timestamp, madeUp) =>
      outputs.push([timestamp / 1000, /** @type {any} */ (data).bytes, madeUp]),
    failed: (error) => assert.fail(String(error)),
  });
  for (const ms of milliseconds) decoder.decode(ms * 1000, packet);
  return outputs;
}

test('knows from its first bytes how long a packet lasts', () => {
  const cases = /** @type {[number[], number, number][]} */ ([
    [[0x08], 20_000, 1],
    [[0x18], 60_000, 1],
    [[0x60], 10_000, 1],
    [[0x68], 20_000, 1],
    [[0x80], 2500, 1],
    [[0xfc], 20_000, 1],
    [[0xfd], 20_000, 2],
    [[0xff, 0x83], 20_000, 3],
    [[0xff], 20_000, 0],
  ]);
  for (const [bytes, micros, count] of cases) {
    assert.deepEqual(opusFrames(Uint8Array.from(bytes)), { micros, count }, `${bytes}`);
  }
});

test('the decoder makes up what may have been in lost packets', () => {
  assert.deepEqual(decoded([0, 20, 80, 100]), [
    [0, 4, false],
    [20, 4, false],
    [40, 1, true],
    [60, 1, true],
    [80, 4, false],
    [100, 4, false],
  ]);
});

test('a pause of the sender is not made up, and what comes after it keeps its time', () => {
  assert.deepEqual(decoded([0, 400, 420]), [
    [0, 4, false],
    [400, 4, false],
    [420, 4, false],
  ]);
});

test('a clock that is corrected by a few milliseconds loses nothing', () => {
  assert.deepEqual(decoded([0, 24, 41]).map(([ms]) => ms), [0, 24, 41]);
});

test('time may begin anew', () => {
  assert.deepEqual(decoded([5000, 0, 20]).map(([ms]) => ms), [5000, 0, 20]);
});
