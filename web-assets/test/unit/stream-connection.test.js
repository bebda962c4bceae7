import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeliographError } from '../../lib/heliograph-error.js';
import { StreamConnection } from '../../lib/stream-connection.js';

const ADDRESS = /** @type {const} */ ({
  agent: 'http://127.0.0.1:7117',
  token: 't',
  channel: 'a b',
  stream: 'remote',
  format: 'webm',
});

/** @param {{askAgent?: () => Promise<unknown>, binary?: () => void}} [options] */
function connection({ askAgent = async () => [], binary = () => {} } = {}) {
  const said = /** @type {any[][]} */ ([]);
  const sent = /** @type {any[]} */ ([]);
  /** @type {any} */ let socket;
  let url = '';
  let isOpen = false;
  const stream = new StreamConnection(
    ADDRESS,
    {
      opened: () => said.push(['opened']),
      lost: () => said.push(['lost']),
      callState: (state) => said.push(['callState', state]),
      text: (message) => said.push(['text', message.type]),
      binary,
      ended: (reason) => said.push(['ended', reason]),
      troubled: (error) => said.push(['troubled', error.code]),
      failed: (error) => said.push(['failed', error.code]),
    },
    {
      askAgent,
      open: (address, listener) => {
        url = address;
        socket = listener;
        return {
          send: (message) => {
            if (isOpen) sent.push(message);
            return isOpen;
          },
          restart: () => said.push(['restart']),
          close: () => said.push(['close']),
        };
      },
    },
  );
  const open = () => {
    isOpen = true;
    socket.opened();
  };
  const lose = (stood = true) => {
    isOpen = false;
    socket.lost({ code: 1006, stood, retryMs: 1 });
  };
  return { stream, socket, said, sent, open, lose, url };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('asks for the stream in its format, the channel escaped', () => {
  assert.equal(
    connection().url,
    'ws://127.0.0.1:7117/api/call/media/a%20b?access_token=t&format=webm',
  );
});

test('tells the call’s state and end, and leaves the media to the player', () => {
  const { socket, said } = connection();
  socket.text({ type: 'state', state: 'connected' });
  socket.text({ type: 'init', mime: 'x' });
  socket.text({ type: 'ended', reason: 'hung_up' });
  assert.deepEqual(said, [['callState', 'connected'], ['text', 'init'], ['ended', 'hung_up']]);
});

test('pauses and resumes once, and says it again on a new connection only while it holds', () => {
  const { stream, sent, open, lose } = connection();
  stream.setPaused(true);
  assert.deepEqual(sent, []);
  open();
  stream.setPaused(true);
  lose();
  open();
  stream.setPaused(false);
  stream.setPaused(false);
  lose();
  open();
  assert.deepEqual(sent.map(({ type }) => type), ['pause', 'pause', 'resume']);
});

test('a refused token is told at once, and it does not go on', async () => {
  const refused = new HeliographError('bad_token', 'No.', { status: 401 });
  const { said, lose } = connection({ askAgent: () => Promise.reject(refused) });
  lose(false);
  await settled();
  assert.deepEqual(said, [['lost'], ['failed', 'bad_token']]);
});

test('an agent that does not answer is waited for', async () => {
  const { said, lose } = connection({ askAgent: () => Promise.reject(new TypeError('no answer')) });
  lose(false);
  await settled();
  assert.deepEqual(said, [['lost'], ['troubled', 'agent_unreachable']]);
});

test('an agent that answers and does not hand out the stream is given up after five handshakes', async () => {
  const { said, lose } = connection();
  for (let i = 0; i < 5; i++) {
    lose(false);
    await settled();
  }
  assert.deepEqual(said.at(-3), ['troubled', 'no_media']);
  assert.deepEqual(said.at(-1), ['failed', 'no_media']);
});

test('an explanation that comes after the end is of no use', async () => {
  const { stream, said, lose } = connection();
  lose(false);
  stream.close();
  await settled();
  assert.deepEqual(said, [['lost'], ['close']]);
});

test('media that cannot be read is tried again, twice', () => {
  const { socket, said } = connection({
    binary: () => {
      throw new RangeError('no WebM');
    },
  });
  for (let i = 0; i < 3; i++) socket.binary(new ArrayBuffer(1));
  const tried = [['troubled', 'bad_media'], ['lost'], ['restart']];
  assert.deepEqual(said, [...tried, ...tried, ['failed', 'bad_media']]);
});

test('a call that the agent does not know is a failure, an ordinary close the end', () => {
  const { socket, said } = connection();
  socket.finished({ code: 4404, reason: '' });
  socket.finished({ code: 1000, reason: 'bye' });
  assert.deepEqual(said, [['failed', 'no_such_call'], ['ended', 'bye']]);
});
