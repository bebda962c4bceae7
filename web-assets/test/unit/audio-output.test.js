import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AudioOutput } from '../../lib/audio-output.js';

/** The part of Web Audio that an output needs. */
class Node {
  static made = /** @type {Node[]} */ ([]);
  port = {
    posted: /** @type {any[]} */ ([]),
    transferred: /** @type {any[]} */ ([]),
    onmessage: /** @type {any} */ (null),
    postMessage: (/** @type {any} */ message, /** @type {any[]} */ transfer = []) => {
      this.port.posted.push(message);
      this.port.transferred.push(...transfer);
    },
  };
  gain = { glides: /** @type {number[]} */ ([]), setTargetAtTime: (/** @type {number} */ value) => void this.gain.glides.push(value) };
  /** @param {any} context */
  constructor(context) {
    this.context = context;
    Node.made.push(this);
  }
  connect(/** @type {any} */ to) {
    return to;
  }
  disconnect() {}
}

const globals = /** @type {any} */ (globalThis);
before(() => Object.assign(globals, { GainNode: Node, AudioWorkletNode: Node }));
after(() => {
  delete globals.GainNode;
  delete globals.AudioWorkletNode;
});

/** An output in a context that runs, and what its ring reports. */
function output() {
  Node.made = [];
  /** @type {any} */
  let client;
  const context = { currentTime: 5, destination: {} };
  const device = {
    isRunning: true,
    left: false,
    join: (/** @type {any} */ its) => void (client = its),
    leave: () => void (device.left = true),
    resume() {},
    heardTime: () => 4.97,
  };
  const listener = { changed() {}, failed() {} };
  const its = new AudioOutput(listener, /** @type {any} */ (device));
  client.plug(context);
  const [gain, ring] = Node.made;
  const report = (/** @type {object} */ figures) =>
    ring.port.onmessage({ data: { headMicros: 2_000_000, contextTime: 5, quietSeconds: 0, ...figures } });
  return { its, device, ring, gain, report, replug: () => client.plug(context) };
}

test('tells the time of the sound that leaves the loudspeaker now', () => {
  const { its, report } = output();
  assert.equal(its.heardMicros(0), undefined, 'before the first report');
  report({});
  assert.equal(Math.round(/** @type {number} */ (its.heardMicros(0))), 1_970_000);
});

test('there is no sound to follow before the first, in a pause, and in a context that stands still', () => {
  const { its, device, report } = output();
  report({ headMicros: NaN });
  assert.equal(its.heardMicros(0), undefined);
  report({ quietSeconds: 3 });
  assert.equal(its.heardMicros(0), undefined);
  report({});
  device.isRunning = false;
  assert.equal(its.heardMicros(0), undefined);
});

test('sound goes to the ring with its packet’s time stamp, and nowhere while the context stands', () => {
  const { its, device, ring } = output();
  const sound = { timestamp: 123, madeUp: true, numberOfChannels: 1, samples: Uint8Array.of(1, 2) };
  its.play(sound);
  device.isRunning = false;
  its.play({ ...sound, timestamp: 456 });
  assert.deepEqual(ring.port.posted.slice(1), [sound]);
  assert.deepEqual(ring.port.transferred, [sound.samples.buffer], 'handed over, not copied');
});

test('the ring is told of a delay once, and again in a new context', () => {
  const { its, ring, replug } = output();
  for (const seconds of [0.1, 0.1001, 0.2, -Infinity, -Infinity]) its.hold(seconds);
  const holds = (/** @type {Node} */ node) => node.port.posted.flatMap((m) => ('hold' in m ? [m.hold] : []));
  assert.deepEqual(holds(ring), [-Infinity, 0.1, 0.2, -Infinity]);
  its.hold(0.3);
  replug();
  assert.deepEqual(holds(Node.made[3]), [0.3]);
  assert.equal(ring.port.posted.at(-1).close, true);
});

test('the volume glides', () => {
  const { its, gain } = output();
  its.volume = 0.5;
  assert.deepEqual(gain.gain.glides, [0.5]);
});

test('what is closed fades out and leaves the device', () => {
  const { its, device, ring } = output();
  its.close();
  assert.equal(device.left, true);
  assert.deepEqual(ring.port.posted.at(-1), { close: true });
});
