import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Signaling } from '../../remote/signaling.js';

const ENVELOPE = /** @type {const} */ ({
  channel_id: 'c',
  from: 'guest',
  to: 'agent',
  payload: { type: 'call-ack' },
});

function connect() {
  /** @type {any[]} */
  const sockets = [];
  /** @type {any[]} */
  const seen = [];
  /** @type {{ms: number, callback: () => void}[]} */
  const timers = [];
  const signaling = new Signaling(
    'ws://x/signal',
    {
      envelope: ({ payload }) => seen.push(payload.type),
      refusal: ({ code }) => seen.push(code),
      opened: () => seen.push('opened'),
      lost: (stood) => seen.push(`lost ${stood}`),
      replaced: () => seen.push('replaced'),
    },
    {
      createSocket: () => {
        const socket = {
          readyState: 0,
          /** @type {string[]} */ sent: [],
          send: (/** @type {string} */ text) => socket.sent.push(text),
          open: () => {
            socket.readyState = 1;
            /** @type {any} */ (socket).onopen();
          },
        };
        sockets.push(socket);
        return socket;
      },
      after: (ms, callback) => void timers.push({ ms, callback }),
    },
  );
  return { signaling, sockets, seen, timers };
}

test('what is said before the connection stands is said when it does', () => {
  const { signaling, sockets } = connect();
  signaling.send(ENVELOPE);
  assert.deepEqual(sockets[0].sent, []);
  sockets[0].open();
  assert.deepEqual(sockets[0].sent.map(JSON.parse), [ENVELOPE]);
});

test('hands on envelopes and refusals, and drops what is neither', () => {
  const { sockets, seen } = connect();
  sockets[0].open();
  const say = (/** @type {unknown} */ value) => sockets[0].onmessage({ data: JSON.stringify(value) });
  say(ENVELOPE);
  say({ type: 'error', code: 'peer_unreachable', message: '' });
  say({ nonsense: true });
  sockets[0].onmessage({ data: new ArrayBuffer(4) });
  assert.deepEqual(seen, ['opened', 'call-ack', 'peer_unreachable']);
});

test('comes back, each time later, and soon again after it stood', () => {
  const { sockets, seen, timers } = connect();
  sockets[0].onclose({ code: 1006 });
  timers[0].callback();
  sockets[1].onclose({ code: 1006 });
  timers[1].callback();
  sockets[2].open();
  sockets[2].onclose({ code: 1001 });
  assert.deepEqual(timers.map(({ ms }) => ms), [500, 1000, 500]);
  assert.deepEqual(seen, ['lost false', 'lost false', 'opened', 'lost true']);
});

test('gives way to a newer window of the same invitation, until it is told to connect', () => {
  const { signaling, sockets, seen, timers } = connect();
  sockets[0].open();
  sockets[0].onclose({ code: 4409 });
  assert.equal(timers.length, 0);
  assert.deepEqual(seen, ['opened', 'replaced']);
  signaling.connect();
  assert.equal(sockets.length, 2);
});
