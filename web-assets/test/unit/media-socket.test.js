import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backoff } from '../../lib/backoff.js';
import { MediaSocket } from '../../lib/media-socket.js';

class FakeSocket {
  readyState = 0;
  binaryType = /** @type {BinaryType} */ ('blob');
  /** @type {string[]} */
  sent = [];
  /** @type {any} */ onopen = null;
  /** @type {any} */ onmessage = null;
  /** @type {any} */ onclose = null;
  open() {
    this.readyState = 1;
    this.onopen?.();
  }
  /** @param {unknown} data */
  receive(data) {
    this.onmessage?.({ data });
  }
  /** @param {number} code */
  drop(code) {
    this.readyState = 3;
    this.onclose?.({ code, reason: '' });
  }
  /** @param {string} text */
  send(text) {
    this.sent.push(text);
  }
  close() {
    this.readyState = 3;
  }
}

/** Time that passes when the test says so. */
class VirtualTimer {
  #now = 0;
  /** @type {Map<() => void, number>} */
  #due = new Map();
  after = (/** @type {number} */ ms, /** @type {() => void} */ callback) => {
    this.#due.set(callback, this.#now + ms);
    return () => void this.#due.delete(callback);
  };
  /** @param {number} ms */
  pass(ms) {
    this.#now += ms;
    for (const [callback, at] of [...this.#due]) {
      if (at > this.#now) continue;
      this.#due.delete(callback);
      callback();
    }
  }
}

function connect() {
  const timer = new VirtualTimer();
  /** @type {FakeSocket[]} */
  const sockets = [];
  /** @type {any[]} */
  const seen = [];
  const socket = new MediaSocket(
    'ws://127.0.0.1:1/',
    {
      opened: () => seen.push('opened'),
      text: (message) => seen.push(message),
      binary: (message) => seen.push(message.byteLength),
      lost: ({ stood, retryMs }) => seen.push(`lost ${stood} ${retryMs}`),
      finished: ({ code }) => seen.push(`finished ${code}`),
    },
    {
      createSocket: () => {
        const created = new FakeSocket();
        sockets.push(created);
        return created;
      },
      backoff: new Backoff({ firstMs: 100, random: () => 0 }),
      timer: timer.after,
    },
  );
  return { socket, sockets, seen, timer };
}

test('hands on text and binary, and ignores what is no JSON object', () => {
  const { sockets, seen } = connect();
  sockets[0].open();
  for (const data of ['{"type":"state"}', 'no json', '7', 'null', new ArrayBuffer(3)]) {
    sockets[0].receive(data);
  }
  assert.deepEqual(seen, ['opened', { type: 'state' }, 3]);
});

test('comes back, each time later, until something arrives', () => {
  const { sockets, seen, timer } = connect();
  sockets[0].drop(1006);
  timer.pass(100);
  sockets[1].open();
  sockets[1].drop(1006);
  timer.pass(199);
  assert.equal(sockets.length, 2, 'a connection that brought nothing does not reset the wait');
  timer.pass(1);
  sockets[2].open();
  sockets[2].receive('{}');
  sockets[2].drop(1001);
  assert.deepEqual(
    seen.filter((event) => String(event).startsWith('lost')),
    ['lost false 100', 'lost true 200', 'lost true 100'],
  );
});

test('does not come back to a call that is over or unknown', () => {
  for (const code of [1000, 4404]) {
    const { sockets, seen, timer } = connect();
    sockets[0].open();
    sockets[0].drop(code);
    timer.pass(60_000);
    assert.equal(sockets.length, 1);
    assert.deepEqual(seen, ['opened', `finished ${code}`]);
  }
});

test('closed by the page, it stays closed and says nothing more', () => {
  const { socket, sockets, seen, timer } = connect();
  sockets[0].drop(1006);
  socket.close();
  timer.pass(60_000);
  assert.equal(sockets.length, 1);
  assert.equal(seen.length, 1);
});

test('sends only over an open connection, and says whether it did', () => {
  const { socket, sockets } = connect();
  assert.equal(socket.send({ type: 'keyframe' }), false);
  sockets[0].open();
  assert.equal(socket.send({ type: 'keyframe' }), true);
  assert.deepEqual(sockets[0].sent, ['{"type":"keyframe"}']);
});
