import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { writeFrameMessage } from '../../lib/frame-message.js';

const VIDEO = 1;

/** @type {any[]} */
const decoders = [];
/** @type {any[]} */
const drawn = [];

class FakeDecoder {
  decodeQueueSize = 0;
  state = 'unconfigured';
  /** @type {any[]} */
  decoded = [];
  /** @param {{output: (picture: any) => void}} callbacks */
  constructor(callbacks) {
    this.callbacks = callbacks;
    decoders.push(this);
  }
  configure() {
    this.state = 'configured';
  }
  /** @param {any} chunk */
  decode(chunk) {
    this.decoded.push(chunk);
  }
  close() {
    this.state = 'closed';
  }
}

const globals = /** @type {any} */ (globalThis);
globals.VideoDecoder = FakeDecoder;
globals.EncodedVideoChunk = class {
  /** @param {any} init */
  constructor(init) {
    Object.assign(this, init);
  }
};
globals.requestAnimationFrame = () => 1;
globals.cancelAnimationFrame = () => {};
globals.document = {
  createElement: () => ({
    width: 0,
    height: 0,
    getContext: () => ({ drawImage: (/** @type {any} */ picture) => drawn.push(picture) }),
  }),
};
const { FramesPlayer } = await import('../../lib/frames-player.js');

beforeEach(() => {
  decoders.length = 0;
  drawn.length = 0;
});

function player() {
  const failures = /** @type {any[]} */ ([]);
  const frames = new FramesPlayer({
    send: () => {},
    tracksChanged: () => {},
    pictureShown: () => {},
    resized: () => {},
    soundChanged: () => {},
    connectionNeeded: () => {},
    failed: (error) => failures.push(error),
  });
  let timestamp = 0;
  return {
    frames,
    failures,
    /** @param {any} width @param {any} height */
    announce: (width, height) =>
      frames.receiveText({ type: 'tracks', tracks: [{ id: VIDEO, kind: 'video', codec: 'vp8', width, height }] }),
    send: (key = false) =>
      frames.receiveBinary(
        writeFrameMessage({ track: VIDEO, key, timestamp: (timestamp += 40_000), payload: new Uint8Array(10) }),
      ),
    /** The decoder gives a picture. @param {number} displayWidth @param {number} displayHeight */
    give: (displayWidth, displayHeight) => {
      const picture = { timestamp, displayWidth, displayHeight, closed: false, close: () => (picture.closed = true) };
      decoders.at(-1).callbacks.output(picture);
      return picture;
    },
  };
}

test('a picture within the bound is decoded and drawn', () => {
  const { frames, failures, announce, send, give } = player();
  announce(4096, 4096);
  send(true);
  const picture = give(4096, 4096);
  assert.deepEqual(drawn, [picture]);
  assert.deepEqual([frames.element.width, frames.element.height], [4096, 4096]);
  assert.deepEqual(failures, []);
});

test('a picture that is announced as too large never reaches a decoder, and is told once', () => {
  const { failures, announce, send } = player();
  for (const [width, height] of [[16_000, 16_000], [0, 480], ['640', 480]]) {
    announce(width, height);
    send(true);
    send();
  }
  assert.equal(decoders.length, 0);
  assert.deepEqual(failures.map(({ code, fatal }) => [code, fatal]), [['picture_too_large', false]]);
});

test('one that turns out too large is neither kept nor drawn, and the next small one is shown', () => {
  const { frames, failures, announce, send, give } = player();
  announce(640, 480);
  send(true);
  const picture = give(16_000, 16_000);
  assert.ok(picture.closed);
  assert.equal(decoders.at(-1).state, 'closed');
  assert.deepEqual([frames.element.width, failures.length], [0, 1]);

  send();
  assert.equal(decoders.length, 1, 'what needs it is left out');
  send(true);
  const small = give(640, 480);
  assert.deepEqual(drawn, [small]);
});
