import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AudioDevice } from '../../lib/audio-device.js';

/** An AudioContext as far as the device knows it. */
class Context {
  state = 'suspended';
  currentTime = 0;
  outputLatency = 0.03;
  onstatechange = () => {};
  calls = /** @type {string[]} */ ([]);
  audioWorklet = { addModule: async () => void this.calls.push('addModule') };
  async resume() {
    this.calls.push('resume');
  }
  async suspend() {
    this.calls.push('suspend');
  }
  async close() {
    this.calls.push('close');
  }
  /** @param {string} state */
  enter(state) {
    this.state = state;
    this.onstatechange();
  }
}

function device() {
  const everySecond = new Set();
  const contexts = /** @type {Context[]} */ ([]);
  const its = new AudioDevice(() => {
    contexts.push(new Context());
    return /** @type {any} */ (contexts.at(-1));
  }, (callback) => {
    everySecond.add(callback);
    return () => everySecond.delete(callback);
  });
  const seconds = (/** @type {number} */ n) => {
    for (let i = 0; i < n; i++) everySecond.forEach((callback) => callback());
  };
  const client = () => {
    const told = /** @type {unknown[]} */ ([]);
    return {
      told,
      plug: (/** @type {any} */ context) => void told.push(contexts.indexOf(context)),
      changed: (/** @type {boolean} */ running) => void told.push(running),
      failed: (/** @type {unknown} */ cause) => assert.fail(String(cause)),
    };
  };
  return { its, contexts, client, seconds };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('a click before any stream lets the context run, once, and it rests until a stream comes', () => {
  const { its, contexts, client, seconds } = device();
  its.unlock();
  const [context] = contexts;
  assert.deepEqual(context.calls, ['addModule', 'resume']);
  context.enter('running');
  seconds(1);
  context.enter('suspended');
  its.unlock();
  assert.deepEqual(context.calls, ['addModule', 'resume', 'suspend']);
  its.join(client());
  its.resume();
  assert.equal(contexts.length, 1);
  assert.equal(context.calls.at(-1), 'resume');
});

test('all streams of a page play into one context', async () => {
  const { its, contexts, client } = device();
  const [first, second, third] = [client(), client(), client()];
  its.join(first);
  its.join(second);
  await settled();
  its.join(third);
  assert.equal(contexts.length, 1);
  assert.deepEqual([first, second, third].map(({ told }) => told), [[0], [0], [0]]);
});

test('one click that lets sound play is told to all', async () => {
  const { its, contexts, client } = device();
  const clients = [client(), client()];
  clients.forEach((each) => its.join(each));
  contexts[0].enter('running');
  assert.ok(clients.every(({ told }) => told.includes(true)));
  assert.equal(its.isRunning, true);
});

test('it does not nag an engine that wants a click', () => {
  const { its, contexts, client, seconds } = device();
  its.join(client());
  seconds(5);
  assert.ok(!contexts[0].calls.includes('resume'));
});

test('it goes on after an interruption by the engine', () => {
  const { its, contexts, client, seconds } = device();
  its.join(client());
  contexts[0].enter('running');
  contexts[0].enter('interrupted');
  seconds(1);
  assert.ok(contexts[0].calls.includes('resume'));
});

test('a context that stands still, as after a sleep, is replaced, and less often where that does not help', async () => {
  const { its, contexts, client, seconds } = device();
  const stream = client();
  its.join(stream);
  await settled();
  contexts[0].enter('running');
  for (let i = 0; i < 10; i++) {
    contexts[0].currentTime += 1;
    seconds(1);
  }
  assert.equal(contexts.length, 1);
  seconds(3);
  assert.equal(contexts.length, 2);
  assert.ok(contexts[0].calls.includes('close'));
  await settled();
  assert.deepEqual(stream.told, [0, true, 1]);
  contexts[1].enter('running');
  seconds(5);
  assert.equal(contexts.length, 2);
  seconds(3);
  assert.equal(contexts.length, 3);
});

test('a page without streams lets the loudspeaker rest', () => {
  const { its, contexts, client, seconds } = device();
  const stream = client();
  its.join(stream);
  contexts[0].enter('running');
  its.leave(stream);
  seconds(1);
  assert.ok(contexts[0].calls.includes('suspend'));
});

test('what is heard follows the foremost reading of a clock that advances in bursts', () => {
  const { its, contexts, client } = device();
  its.join(client());
  for (let ms = 0; ms < 2000; ms += 3) {
    contexts[0].currentTime = Math.floor(ms / 12) * 0.012 + 5;
    its.heardTime(ms + 100);
  }
  for (let ms = 2000; ms < 2024; ms += 3) {
    contexts[0].currentTime = Math.floor(ms / 12) * 0.012 + 5;
    assert.ok(Math.abs(its.heardTime(ms + 100) - (5 + ms / 1000 - 0.03)) < 0.001);
  }
});

test('a clock that has stood while the machine slept is right at once', () => {
  const { its, contexts, client } = device();
  its.join(client());
  for (let ms = 0; ms < 2000; ms += 10) {
    contexts[0].currentTime = ms / 1000;
    its.heardTime(ms);
  }
  contexts[0].currentTime = 2.01;
  assert.ok(Math.abs(its.heardTime(5000) - (2.01 - 0.03)) < 0.001);
});
