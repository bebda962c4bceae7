import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RemoteCall } from '../../remote/remote-call.js';

const BOTH = { audio: true, video: true };

/** @param {string} kind */
const fakeTrack = (kind) => ({ kind, enabled: true, stopped: false, stop() { this.stopped = true; } });

/** @param {...string} kinds */
function fakeStream(...kinds) {
  const tracks = kinds.map(fakeTrack);
  const of = (/** @type {string} */ kind) => tracks.filter((track) => track.kind === kind);
  return /** @type {any} */ ({
    getTracks: () => [...tracks],
    getAudioTracks: () => of('audio'),
    getVideoTracks: () => of('video'),
  });
}

/** What a browser's RTCPeerConnection does, as far as a call can see it. */
class FakeConnection {
  connectionState = 'new';
  signalingState = 'stable';
  /** @type {any} */ localDescription = null;
  /** @type {any} */ remoteDescription = null;
  /** @type {any[]} */ senders = [];
  /** @type {string[]} */ transceivers = [];
  /** @type {any[]} */ candidates = [];
  closed = false;
  restarts = 0;
  /** @type {any} */ onconnectionstatechange;
  /** @type {any} */ onicecandidate;
  addTrack(/** @type {any} */ track) {
    this.senders.push({ track });
  }
  getSenders() {
    return this.senders;
  }
  getTransceivers() {
    return [];
  }
  /** @type {any} */ transport = { state: 'connected' };
  getReceivers() {
    return [{ transport: this.transport }];
  }
  addTransceiver(/** @type {string} */ kind, /** @type {any} */ { direction }) {
    this.transceivers.push(`${kind} ${direction}`);
  }
  async setLocalDescription() {
    const type = this.signalingState === 'have-remote-offer' ? 'answer' : 'offer';
    this.signalingState = type === 'offer' ? 'have-local-offer' : 'stable';
    this.localDescription = { type, sdp: `own ${type} ${this.restarts}` };
  }
  async setRemoteDescription(/** @type {any} */ description) {
    if (description.sdp === 'bad') throw new Error('bad description');
    this.signalingState = description.type === 'offer' ? 'have-remote-offer' : 'stable';
    this.remoteDescription = description;
  }
  async addIceCandidate(/** @type {any} */ candidate) {
    assert.ok(this.remoteDescription, 'a candidate before the description');
    this.candidates.push(candidate?.candidate);
  }
  restartIce() {
    this.restarts += 1;
  }
  close() {
    this.closed = true;
  }
  /** @param {string} state */
  become(state) {
    this.connectionState = state;
    this.onconnectionstatechange();
  }
}

/** A call of "guest" with a hand on everything around it. */
function setUp({
  stream = fakeStream('audio', 'video'),
  problem = '',
  channelId = 'mine',
  iceServers = async () => /** @type {RTCIceServer[]} */ ([]),
} = {}) {
  /** @type {any[]} */ const sent = [];
  /** @type {FakeConnection[]} */ const connections = [];
  /** @type {string[]} */ const ends = [];
  /** @type {string[]} */ const troubles = [];
  /** @type {Set<{ms: number, callback: () => void}>} */ const timers = new Set();
  /** @type {any[]} */ const configurations = [];
  /** @type {(value: any) => void} */ let openDevices = () => {};
  let asked = 0;
  let answered = 0;
  const call = new RemoteCall(
    'guest',
    { changed: () => {}, ended: (words) => ends.push(words), trouble: (words) => troubles.push(words) },
    {
      send: (envelope) => sent.push(envelope),
      iceServers,
      createPeerConnection: (configuration) => {
        configurations.push(configuration);
        const connection = new FakeConnection();
        connections.push(connection);
        return /** @type {any} */ (connection);
      },
      openMedia: () => {
        asked += 1;
        return new Promise((resolve) => (openDevices = () => resolve({ stream, problem })));
      },
      createChannelId: () => channelId,
      after: (ms, callback) => {
        const timer = { ms, callback };
        timers.add(timer);
        return () => void timers.delete(timer);
      },
    },
  );
  const receive = (/** @type {any} */ payload, { from = 'agent', channel = channelId } = {}) =>
    call.receive({ channel_id: channel, from, to: 'guest', payload });
  return {
    call, sent, connections, configurations, ends, troubles, timers, receive, stream,
    types: () => sent.map(({ payload }) => payload.type),
    asked: () => asked,
    /** The browser hands the devices out, and all steps that waited for them are done. */
    async devices() {
      // The step that asks for them runs after the ones before it.
      while (asked === answered) await Promise.resolve();
      answered = asked;
      openDevices(undefined);
      await call.settled;
    },
  };
}

async function called(options = {}) {
  const it = setUp(options);
  it.receive({ type: 'call-request', media: BOTH });
  it.call.accept(BOTH);
  await it.devices();
  it.receive({ type: 'call-offer', sdp: 'theirs' });
  await it.call.settled;
  return it;
}

test('calls: request, then after the acknowledgement an offer with the own tracks', async () => {
  const it = setUp();
  it.call.call('agent', BOTH);
  assert.deepEqual(it.sent[0], {
    channel_id: 'mine', from: 'guest', to: 'agent', payload: { type: 'call-request', media: BOTH },
  });
  it.receive({ type: 'call-ack' });
  await it.devices();
  assert.deepEqual(it.types(), ['call-request', 'call-offer']);
  assert.equal(it.connections[0].senders.length, 2);
  it.receive({ type: 'call-answer', sdp: 'theirs' });
  await it.call.settled;
  it.connections[0].become('connected');
  assert.equal(it.call.state, 'connected');
});

test('each call asks anew for the servers that help to reach the agent, and uses them', async () => {
  let calls = 0;
  const iceServers = async () => [{ urls: ['turn:turn.example.org'], username: `${++calls}`, credential: 'c' }];
  const it = await called({ iceServers });
  it.receive({ type: 'call-hangup' });
  it.call.call('agent', BOTH);
  it.receive({ type: 'call-ack' });
  await it.devices();
  assert.deepEqual(
    it.configurations.map((configuration) => configuration.iceServers[0].username),
    ['1', '2'],
  );
});

test('the connection is not made before the servers are known', async () => {
  /** @type {(servers: RTCIceServer[]) => void} */ let answer = () => {};
  const it = setUp({ iceServers: () => new Promise((resolve) => (answer = resolve)) });
  it.call.call('agent', BOTH);
  it.receive({ type: 'call-ack' });
  while (it.asked() === 0) await Promise.resolve();
  const settled = it.devices();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(it.connections.length, 0);
  answer([{ urls: ['stun:stun.example.org'] }]);
  await settled;
  assert.deepEqual(it.configurations, [{ iceServers: [{ urls: ['stun:stun.example.org'] }] }]);
});

test('without an answer about the servers the call goes on, and the user is told', async () => {
  const iceServers = async () => {
    throw new Error('no connection');
  };
  const it = await called({ iceServers });
  assert.deepEqual(it.configurations, [{ iceServers: [] }]);
  assert.match(it.troubles[0], /which servers help to reach it \(no connection\)/);
  assert.ok(it.types().includes('call-answer'));
});

test('opens no device before the user has accepted', async () => {
  const it = setUp();
  it.receive({ type: 'call-request', media: BOTH });
  await it.call.settled;
  assert.equal(it.call.state, 'ringing');
  assert.equal(it.asked(), 0);
});

test('is called: acknowledges at once, answers the offer once the devices are open', async () => {
  const it = setUp();
  it.receive({ type: 'call-request', media: BOTH });
  it.call.accept(BOTH);
  it.receive({ type: 'call-offer', sdp: 'theirs' });
  assert.deepEqual(it.types(), ['call-ack']);
  await it.devices();
  assert.deepEqual(it.types(), ['call-ack', 'call-answer']);
  assert.equal(it.connections[0].senders.length, 2, 'the tracks are in before the answer is made');
});

test('without a camera it still asks for the other side’s picture', async () => {
  const it = setUp({ stream: fakeStream('audio'), problem: 'Without the camera. There is none.' });
  it.call.call('agent', BOTH);
  it.receive({ type: 'call-ack' });
  await it.devices();
  assert.deepEqual(it.connections[0].transceivers, ['video recvonly']);
  assert.deepEqual(it.troubles, ['Without the camera. There is none.']);
});

test('a voice call has no picture in it, in neither direction', async () => {
  const it = setUp({ stream: fakeStream('audio') });
  it.call.call('agent', { audio: true, video: false });
  it.receive({ type: 'call-ack' });
  await it.devices();
  assert.deepEqual(it.connections[0].transceivers, []);
});

test('candidates that come before the description wait for it, in order', async () => {
  const it = setUp();
  it.receive({ type: 'call-request', media: BOTH });
  it.call.accept(BOTH);
  for (const candidate of [{ candidate: 'a' }, { candidate: 'b' }, null]) {
    it.receive({ type: 'ice-candidate', candidate });
  }
  it.receive({ type: 'call-offer', sdp: 'theirs' });
  it.receive({ type: 'ice-candidate', candidate: { candidate: 'c' } });
  await it.devices();
  assert.deepEqual(it.connections[0].candidates, ['a', 'b', undefined, 'c']);
});

test('its own candidates go out, the end of them as null', async () => {
  const it = await called();
  it.connections[0].onicecandidate({ candidate: { candidate: 'x', toJSON: () => ({ candidate: 'x' }) } });
  it.connections[0].onicecandidate({ candidate: null });
  assert.deepEqual(it.sent.slice(-2).map(({ payload }) => payload.candidate), [{ candidate: 'x' }, null]);
});

test('nobody but the call’s peer has a say in it', async () => {
  const it = await called();
  it.receive({ type: 'call-hangup' }, { from: 'stranger' });
  it.receive({ type: 'call-hangup' }, { channel: 'other' });
  assert.equal(it.call.state, 'connecting');
});

test('a third caller is told that this side is busy', async () => {
  const it = await called();
  it.receive({ type: 'call-request', media: BOTH }, { from: 'third', channel: 'theirs' });
  assert.deepEqual(it.sent.at(-1), {
    channel_id: 'theirs', from: 'guest', to: 'third', payload: { type: 'call-hangup', reason: 'busy' },
  });
  assert.equal(it.call.channelId, 'mine');
});

test('both call at once: the smaller channel goes on, without asking again', async () => {
  const wins = setUp({ channelId: 'a' });
  wins.call.call('agent', BOTH);
  wins.receive({ type: 'call-request', media: BOTH }, { channel: 'b' });
  assert.deepEqual([wins.call.state, wins.call.channelId], ['calling', 'a']);

  const yields = setUp({ channelId: 'b' });
  yields.call.call('agent', BOTH);
  yields.receive({ type: 'call-request', media: BOTH }, { channel: 'a' });
  assert.deepEqual([yields.call.state, yields.call.channelId], ['connecting', 'a']);
  assert.equal(yields.sent.at(-1).payload.type, 'call-ack');
  assert.deepEqual(yields.ends, []);
});

test('a peer that calls anew has lost the call that is still held', async () => {
  const it = await called();
  it.receive({ type: 'call-request', media: BOTH }, { channel: 'new' });
  assert.equal(it.connections[0].closed, true);
  assert.deepEqual([it.call.state, it.call.channelId], ['ringing', 'new']);
});

test('nobody answers: after 45 seconds it gives up and says so', () => {
  const it = setUp();
  it.call.call('agent', BOTH);
  const [timer] = it.timers;
  assert.equal(timer.ms, 45_000);
  timer.callback();
  assert.equal(it.sent.at(-1).payload.reason, 'timeout');
  assert.deepEqual([it.call.state, it.ends], ['idle', ['agent does not answer.']]);
});

test('each way of not being answered has its words', () => {
  for (const [reason, words] of [
    ['busy', 'agent is busy.'],
    ['rejected', 'agent has rejected the call.'],
    ['timeout', 'agent does not answer.'],
    ['I am cooking', 'agent says: I am cooking'],
  ]) {
    const it = setUp();
    it.call.call('agent', BOTH);
    it.receive({ type: 'call-hangup', reason });
    assert.deepEqual(it.ends, [words]);
  }
});

test('the agent gives the connection up: the user is told why', async () => {
  for (const [reason, words] of /** @type {const} */ ([
    ['timeout', /agent has waited too long/],
    ['connection_failed', /No way through the network/],
    ['hung_up', /agent has hung up/],
  ])) {
    const it = await called();
    it.receive({ type: 'call-hangup', reason });
    assert.match(it.ends[0], words);
  }
  const later = await called();
  later.connections[0].become('connected');
  later.receive({ type: 'call-hangup', reason: 'connection_lost' });
  assert.match(later.ends[0], /was lost/);
});

test('a peer that is not there ends the ringing, and not a running call', async () => {
  const refusal = /** @type {const} */ ({ type: 'error', code: 'peer_unreachable', message: '', channel_id: 'mine' });
  const ringing = setUp();
  ringing.call.call('agent', BOTH);
  ringing.call.refusedByRendezvous(refusal);
  assert.deepEqual(ringing.ends, ['agent is not there at the moment.']);
  const running = await called();
  running.connections[0].become('connected');
  running.call.refusedByRendezvous(refusal);
  assert.equal(running.call.state, 'connected');
});

test('hanging up closes the devices and the connection, and tells the other side', async () => {
  const it = await called();
  it.call.hangUp();
  assert.equal(it.sent.at(-1).payload.type, 'call-hangup');
  assert.equal(it.connections[0].closed, true);
  assert.ok(it.stream.getTracks().every((/** @type {any} */ track) => track.stopped));
  assert.deepEqual(it.ends, [''], 'who hangs up knows why');
  assert.equal(it.timers.size, 0);
});

test('hung up while the devices open: they are closed as soon as they are', async () => {
  const it = setUp();
  it.call.call('agent', BOTH);
  while (it.asked() === 0) await Promise.resolve();
  it.call.hangUp();
  await it.devices();
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(it.stream.getTracks().every((/** @type {any} */ track) => track.stopped));
  assert.equal(it.connections.length, 0);
});

test('no way through the network is said in words', async () => {
  const it = await called();
  it.connections[0].become('failed');
  assert.match(it.ends[0], /No way through the network/);
  assert.equal(it.sent.at(-1).payload.reason, 'failed');
});

test('the caller restarts ICE when the connection fails later, and gives up after a while', async () => {
  const it = setUp();
  it.call.call('agent', BOTH);
  it.receive({ type: 'call-ack' });
  await it.devices();
  it.receive({ type: 'call-answer', sdp: 'theirs' });
  await it.call.settled;
  const [connection] = it.connections;
  connection.become('connected');
  connection.become('failed');
  await it.call.settled;
  assert.equal(it.call.state, 'reconnecting');
  assert.deepEqual(it.sent.at(-1).payload, { type: 'call-offer', sdp: 'own offer 1' });
  [...it.timers][0].callback();
  assert.match(it.ends[0], /did not come back/);
});

/** A call that stands; the page's own, or the agent's. */
async function connected(/** @type {boolean} */ outgoing) {
  const it = outgoing ? setUp() : await called();
  if (outgoing) {
    it.call.call('agent', BOTH);
    it.receive({ type: 'call-ack' });
    await it.devices();
    it.receive({ type: 'call-answer', sdp: 'theirs' });
    await it.call.settled;
  }
  it.connections[0].become('connected');
  assert.equal(it.timers.size, 0);
  return it;
}

for (const outgoing of [true, false]) {
  const whose = outgoing ? 'the page has called' : 'the agent has called';
  test(`a lost connection ends 20 s after it broke, however often it fails meanwhile: ${whose}`, async () => {
    const it = await connected(outgoing);
    const [connection] = it.connections;
    connection.become('disconnected');
    const [timer] = it.timers;
    assert.equal(timer.ms, 20_000);
    for (let i = 0; i < 10; i += 1) {
      connection.become('failed');
      connection.become('connecting');
      await it.call.settled;
    }
    assert.deepEqual([...it.timers], [timer]);
    timer.callback();
    assert.match(it.ends[0], /did not come back/);
    assert.ok(it.stream.getTracks().every((/** @type {any} */ track) => track.stopped));
    assert.ok(connection.closed);
  });

  test(`a connection that comes back has all the time when it breaks again: ${whose}`, async () => {
    const it = await connected(outgoing);
    const [connection] = it.connections;
    connection.become('disconnected');
    connection.become('connected');
    assert.equal(it.timers.size, 0);
    connection.become('failed');
    assert.equal(it.timers.size, 1);
    assert.equal(it.call.state, 'reconnecting');
  });
}

test('the agent closes the transport: the call is over, though no word of it comes', async () => {
  const it = await connected(true);
  const { transport } = it.connections[0];
  transport.state = 'closed';
  transport.onstatechange();
  assert.equal(it.ends[0], 'agent has hung up.');
  assert.ok(it.stream.getTracks().every((/** @type {any} */ track) => track.stopped));
});

test('an agent that vanishes while the connection is made does not keep the devices', async () => {
  const it = setUp();
  it.call.call('agent', BOTH);
  it.receive({ type: 'call-ack' });
  await it.devices();
  const [timer] = it.timers;
  timer.callback();
  assert.match(it.ends[0], /No way through the network/);
  assert.ok(it.stream.getTracks().every((/** @type {any} */ track) => track.stopped));

  const its = setUp();
  its.receive({ type: 'call-request', media: BOTH }, { channel: 'theirs' });
  its.call.accept(BOTH);
  await its.devices();
  assert.equal(its.timers.size, 1);
  [...its.timers][0].callback();
  assert.ok(its.stream.getTracks().every((/** @type {any} */ track) => track.stopped));
});

test('a camera turned on while the browser still asks for the microphone is closed with the call', async () => {
  /** @type {(() => void)[]} */ const asked = [];
  /** @type {any[]} */ const opened = [];
  const call = new RemoteCall(
    'guest',
    { changed: () => {}, ended: () => {}, trouble: () => {} },
    {
      send: () => {},
      iceServers: async () => [],
      createPeerConnection: () => /** @type {any} */ (new FakeConnection()),
      openMedia: ({ video }) =>
        new Promise((resolve) =>
          asked.push(() => {
            const track = fakeTrack(video ? 'video' : 'audio');
            const tracks = [track];
            opened.push(track);
            const of = (/** @type {string} */ kind) => tracks.filter((one) => one.kind === kind);
            const stream = /** @type {any} */ ({
              getTracks: () => tracks,
              getAudioTracks: () => of('audio'),
              getVideoTracks: () => of('video'),
              addTrack: (/** @type {any} */ one) => tracks.push(one),
            });
            resolve({ stream, problem: '' });
          }),
        ),
      createChannelId: () => 'mine',
      after: () => () => {},
    },
  );
  const payload = { type: /** @type {const} */ ('call-request'), media: BOTH };
  call.receive({ channel_id: 'c', from: 'agent', to: 'guest', payload });
  call.accept({ audio: true, video: false });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  await turn();
  const on = call.setCamera(true);
  // The camera's answer comes first where both are asked for at once.
  for (await turn(); asked.length > 0; await turn()) asked.pop()?.();
  await on;
  call.hangUp();
  assert.deepEqual(opened.map(({ kind }) => kind).sort(), ['audio', 'video']);
  assert.ok(opened.every(({ stopped }) => stopped));
});

test('a new offer in a running call is answered', async () => {
  const it = await called();
  it.connections[0].become('connected');
  it.receive({ type: 'call-offer', sdp: 'theirs, restarted' });
  await it.call.settled;
  assert.equal(it.types().filter((type) => type === 'call-answer').length, 2);
  assert.equal(it.connections.length, 1);
});

test('an offer that cannot be used is told, and the call goes on', async () => {
  const it = await called();
  it.receive({ type: 'call-offer', sdp: 'bad' });
  it.receive({ type: 'call-offer', sdp: 'good' });
  await it.call.settled;
  assert.match(it.troubles[0], /bad description/);
  assert.equal(it.types().filter((type) => type === 'call-answer').length, 2);
});

test('muted means that the microphone’s track is off', async () => {
  const it = await called();
  it.call.setMuted(true);
  assert.equal(it.stream.getAudioTracks()[0].enabled, false);
});

test('both offer at once: the caller’s goes first, and the callee’s is made again', async () => {
  const caller = await connected(true);
  caller.connections[0].signalingState = 'have-local-offer';
  caller.receive({ type: 'call-offer', sdp: 'theirs' });
  await caller.call.settled;
  assert.ok(!caller.types().includes('call-answer'));

  const callee = await connected(false);
  callee.connections[0].signalingState = 'have-local-offer';
  callee.receive({ type: 'call-offer', sdp: 'theirs' });
  await callee.call.settled;
  assert.deepEqual(callee.types().slice(-2), ['call-answer', 'call-offer']);
});

test('the camera’s offer waits while another one has no answer', async () => {
  const it = await connected(true);
  const [connection] = it.connections;
  it.call.localStream = /** @type {any} */ ({ ...fakeStream('audio'), addTrack: () => {} });
  const video = { receiver: { track: { kind: 'video' } }, sender: { replaceTrack: async () => {} }, direction: 'recvonly' };
  connection.getTransceivers = () => /** @type {any} */ ([video]);
  connection.signalingState = 'have-local-offer';
  const before = it.sent.length;
  const switched = it.call.setCamera(true);
  await it.devices();
  await switched;
  assert.equal(it.sent.length, before);
  it.receive({ type: 'call-answer', sdp: 'theirs' });
  await it.call.settled;
  assert.deepEqual(it.types().slice(before), ['call-offer']);
});
