import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { writeFrameMessage } from '../../../lib/frame-message.js';
import { LiveSource } from './live-source.js';
import { WebSocketConnection } from './web-socket-server.js';

/**
 * Stands in for the agent towards a page: the routes of calls, and live media in both formats out of a
 * recording. It has one side only: a call that is started is answered at once.
 *
 * @typedef {{channel_id: string, remote_peer: string, state: string, incoming: boolean,
 *   media: {audio: boolean, video: boolean}, local: {audio: string, video: string},
 *   connected_at?: string}} Session
 */

const TYPES = /** @type {Record<string, string>} */ ({
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
});

export class MockAgent {
  token = 'test-token';
  /** @type {Map<string, Session>} */
  sessions = new Map();
  /** @type {Set<Subscriber>} */
  subscribers = new Set();
  /** Every text message that pages sent on media sockets. @type {any[]} */
  messages = [];
  /** When set, media sockets are refused with this close code. */
  refuseMediaWith = 0;
  /** How long the network holds a packet up, beyond those before it; in milliseconds. */
  delayMs = () => 0;
  /** What the sender's sound is: `tone`, `silence` (muted), or `dtx` (packets that hold no sound). */
  sound = 'tone';
  /** Whether it decodes sound for pages that want samples. */
  decodesSound = true;
  /** @type {Set<import('node:http').ServerResponse>} */
  #listeners = new Set();
  #source;
  #selfSource;
  #folder;
  #server = createServer((request, response) => this.#answer(request, response));

  /**
   * @param {string} folder what is served, besides the API
   * @param {LiveSource} source
   * @param {LiveSource} selfSource
   */
  constructor(folder, source, selfSource) {
    this.#folder = folder;
    this.#source = source;
    this.#selfSource = selfSource;
    this.#server.on('upgrade', (request, socket) => this.#upgrade(request, socket));
  }

  /** @returns {Promise<string>} its address */
  async start(port = 0) {
    await new Promise((resolve) => this.#server.listen(port, '127.0.0.1', () => resolve(undefined)));
    return this.address;
  }

  get address() {
    const { port } = /** @type {import('node:net').AddressInfo} */ (this.#server.address());
    return `http://127.0.0.1:${port}`;
  }

  close() {
    for (const subscriber of this.subscribers) subscriber.connection.destroy();
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /**
   * @param {string} name
   * @param {unknown} data
   */
  emit(name, data) {
    for (const listener of this.#listeners) {
      listener.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
    }
  }

  /** @param {Partial<Session> & {channel_id: string}} session */
  ring(session) {
    const media = { audio: true, video: true };
    const local = { audio: 'off', video: 'off' };
    const whole = { remote_peer: 'guest', state: 'ringing', incoming: true, media, local, ...session };
    this.sessions.set(whole.channel_id, whole);
    this.emit('incoming', whole);
  }

  /**
   * @param {string} channelId
   * @param {string} state
   */
  setState(channelId, state) {
    const session = this.sessions.get(channelId);
    if (!session) return;
    session.state = state;
    if (state === 'connected') session.connected_at ??= new Date().toISOString();
    this.emit('state', session);
    for (const { connection } of this.subscribers) connection.send({ type: 'state', state });
  }

  /**
   * @param {string} channelId
   * @param {string} reason
   */
  end(channelId, reason) {
    this.sessions.delete(channelId);
    this.emit('ended', { channel_id: channelId, state: 'ended', reason });
    for (const { connection } of [...this.subscribers]) {
      connection.send({ type: 'ended', reason });
      connection.close(1000);
    }
  }

  /** What every page is sent from now on: tracks come and go, the picture's size changes. @param {LiveSource} source */
  change(source) {
    this.#source = source;
    for (const subscriber of this.subscribers) subscriber.restart(source);
  }

  /** Resolves when a page says that. @param {string} type */
  async told(type) {
    while (!this.messages.some((message) => message.type === type)) await moment();
  }

  /** Resolves when no page looks at anything. */
  async left() {
    while (this.subscribers.size > 0) await moment();
  }

  /** The sender is gone for a while: nothing comes, and then it begins anew. @param {number} ms */
  async outage(ms) {
    for (const subscriber of this.subscribers) subscriber.isPaused = true;
    await new Promise((resolve) => setTimeout(resolve, ms));
    for (const subscriber of this.subscribers) subscriber.receive({ type: 'resume' });
  }

  /** The sound of a packet as the sender gives it now. @param {Uint8Array} payload */
  soundOf(payload) {
    if (this.sound === 'silence') return SILENCE;
    return this.sound === 'dtx' ? payload.subarray(0, 1) : payload;
  }

  /**
   * The same decoded.
   * @param {Uint8Array} samples
   */
  samplesOf(samples) {
    return this.sound === 'tone' ? samples : samples.map(() => 0);
  }

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   */
  async #answer(request, response) {
    const url = new URL(request.url ?? '/', this.address);
    response.setHeader('Access-Control-Allow-Origin', request.headers.origin ?? '*');
    response.setHeader('Access-Control-Allow-Headers', 'authorization, content-type');
    if (request.method === 'OPTIONS') return void response.writeHead(204).end();
    if (!url.pathname.startsWith('/api/')) return this.#serveFile(url.pathname, response);
    const given = request.headers.authorization ?? `Bearer ${url.searchParams.get('access_token')}`;
    if (given !== `Bearer ${this.token}`) {
      return problem(response, 401, 'bad_token', 'The token is not that of this agent.');
    }
    if (url.pathname === '/api/call/events') return this.#listen(response);
    let body = '';
    for await (const chunk of request) body += chunk;
    this.#route(url.pathname, body ? JSON.parse(body) : {}, response);
  }

  /**
   * @param {string} path
   * @param {any} body
   * @param {import('node:http').ServerResponse} response
   */
  #route(path, body, response) {
    const answer = (/** @type {unknown} */ value) =>
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify(value));
    const { channel_id } = body;
    const session = this.sessions.get(channel_id);
    switch (path) {
      case '/api/call/mode':
        return answer({ mode: 'native', platform: 'linux', version: 'test' });
      case '/api/call/active':
        return answer([...this.sessions.values()]);
      case '/api/call/start': {
        const media = body.media ?? { audio: true, video: true };
        const local = { audio: 'on', video: media.video ? 'on' : 'off' };
        const started = { ...body, media, local, state: 'ringing', incoming: false };
        this.sessions.set(channel_id, started);
        this.emit('state', started);
        return answer({ status: 'started', channel_id });
      }
      case '/api/call/accept':
        answer({ status: 'accepted', channel_id });
        if (session) session.local = { audio: 'on', video: body.media?.video === false ? 'off' : 'on' };
        return this.setState(channel_id, 'connected');
      case '/api/call/hangup':
      case '/api/call/reject':
        answer({ status: 'hung_up' });
        return this.end(channel_id, 'hangup');
      case '/api/call/toggle-audio':
        answer({ muted: body.muted });
        return this.#switch(session, 'audio', !body.muted);
      case '/api/call/toggle-video':
        answer({ disabled: body.disabled });
        return this.#switch(session, 'video', !body.disabled);
    }
    if (!session) problem(response, 404, 'no_such_call', 'There is no such call.');
  }

  /**
   * @param {Session | undefined} session
   * @param {'audio' | 'video'} kind
   * @param {boolean} on
   */
  #switch(session, kind, on) {
    if (!session) return;
    session.local[kind] = on ? 'on' : 'off';
    this.emit('devices', session);
  }

  /** @param {import('node:http').ServerResponse} response */
  #listen(response) {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write(': hello\n\n');
    this.#listeners.add(response);
    response.on('close', () => this.#listeners.delete(response));
  }

  /**
   * @param {string} path
   * @param {import('node:http').ServerResponse} response
   */
  async #serveFile(path, response) {
    const file = join(this.#folder, normalize(path.endsWith('/') ? `${path}index.html` : path));
    try {
      const content = await readFile(file);
      response.setHeader('Content-Type', TYPES[extname(file)] ?? 'application/octet-stream');
      response.end(content);
    } catch {
      response.writeHead(404).end();
    }
  }

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:stream').Duplex} socket
   */
  #upgrade(request, socket) {
    const url = new URL(request.url ?? '/', this.address);
    const [, kind] = /^\/api\/call\/(media|self)\//.exec(url.pathname) ?? [];
    if (!kind || url.searchParams.get('access_token') !== this.token) {
      socket.end(`HTTP/1.1 ${kind ? '401 Unauthorized' : '404 Not Found'}\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const connection = new WebSocketConnection(request, socket);
    if (this.refuseMediaWith) return connection.close(this.refuseMediaWith);
    const source = kind === 'self' ? this.#selfSource : this.#source;
    const format = url.searchParams.get('format') === 'frames' ? 'frames' : 'webm';
    const samples = this.decodesSound && url.searchParams.get('sound') === 'pcm';
    const subscriber = new Subscriber(this, connection, source, format, samples);
    this.subscribers.add(subscriber);
    connection.onText = (text) => {
      const message = JSON.parse(text);
      this.messages.push(message);
      subscriber.receive(message);
    };
    connection.onClose = () => {
      this.subscribers.delete(subscriber);
      subscriber.stop();
    };
  }
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {number} status
 * @param {string} code
 * @param {string} detail
 */
function problem(response, status, code, detail) {
  response.writeHead(status, { 'Content-Type': 'application/problem+json' });
  response.end(JSON.stringify({ status, code, detail }));
}

/**
 * One page that looks at one stream. The recording goes round by the clock on the wall, for all pages
 * alike: at the time t its packet of time t modulo the round is due. So a picture's own code tells when it
 * was sent.
 */
class Subscriber {
  #agent;
  #source;
  #format;
  #wantsSamples;
  #index = 0;
  #roundMs = 0;
  #firstMs = 0;
  #started = false;
  /** Nothing is sent while true. */
  isPaused = false;
  /** What the network has not delivered yet. @type {{message: Uint8Array, atMs: number}[]} */
  #underWay = [];
  #deliveredMs = 0;
  #timer;

  /**
   * @param {MockAgent} agent
   * @param {WebSocketConnection} connection
   * @param {LiveSource} source
   * @param {'webm' | 'frames'} format
   * @param {boolean} wantsSamples
   */
  constructor(agent, connection, source, format, wantsSamples) {
    this.#agent = agent;
    this.connection = connection;
    this.#source = source;
    this.#format = format;
    this.#wantsSamples = wantsSamples;
    connection.send({ type: 'state', state: 'connected' });
    this.restart();
    this.#timer = setInterval(() => this.#sendDue(), 4);
  }

  /** A key frame is asked for; with it the stream begins anew: tracks, time 0. */
  restart(source = this.#source) {
    this.#source = source;
    this.#started = false;
    const nowMs = Date.now();
    this.#roundMs = nowMs - (nowMs % source.durationMs);
    this.#index = source.packets.findIndex(({ timeMs }) => this.#roundMs + timeMs >= nowMs);
    if (this.#index < 0) this.#nextRound();
  }

  #announce() {
    if (this.#format === 'frames') {
      const tracks = this.#source.tracks(this.#wantsSamples ? 'pcm-s16' : 'opus');
      this.connection.send({ type: 'tracks', tracks });
    } else {
      this.connection.send({ type: 'init', mime: this.#source.mime });
      this.connection.send(this.#source.init);
    }
  }

  /** @param {any} message */
  receive(message) {
    if (message.type === 'keyframe') this.restart();
    if (message.type === 'pause') this.isPaused = true;
    if (message.type === 'resume' && this.isPaused) {
      this.isPaused = false;
      this.restart();
    }
  }

  #sendDue() {
    const nowMs = Date.now();
    for (;;) {
      const packet = this.#source.packets[this.#index];
      const dueMs = this.#roundMs + packet.timeMs;
      if (dueMs > nowMs) break;
      this.#index += 1;
      if (this.#index === this.#source.packets.length) this.#nextRound();
      if (!this.isPaused) this.#send(packet, dueMs);
    }
    while (this.#underWay.length > 0 && this.#underWay[0].atMs <= nowMs) {
      this.connection.send(this.#underWay.shift()?.message);
    }
  }

  /**
   * @param {import('./live-source.js').Packet} packet
   * @param {number} dueMs
   */
  #send(packet, dueMs) {
    if (!this.#started) {
      if (!packet.key || packet.video !== this.#source.hasVideo) return;
      this.#started = true;
      this.#firstMs = dueMs;
      this.#underWay = [];
      this.#announce();
    }
    const sinceMs = dueMs - this.#firstMs;
    // A sender gives a key frame when it is asked for one, and otherwise none.
    const key = !packet.video || (packet.key && sinceMs === 0);
    const sent = { ...packet, key, payload: this.#payload(packet) };
    const message =
      this.#format === 'frames'
        ? Buffer.from(writeFrameMessage({ ...sent, timestamp: sinceMs * 1000 }))
        : LiveSource.cluster(sent, sinceMs);
    // In order, as on one connection: what is held up holds up what follows.
    this.#deliveredMs = Math.max(this.#deliveredMs, dueMs + this.#agent.delayMs());
    this.#underWay.push({ message, atMs: this.#deliveredMs });
  }

  /** @param {import('./live-source.js').Packet} packet */
  #payload({ video, payload, samples }) {
    if (video) return payload;
    return samples && this.#wantsSamples ? this.#agent.samplesOf(samples) : this.#agent.soundOf(payload);
  }

  #nextRound() {
    this.#index = 0;
    this.#roundMs += this.#source.durationMs;
  }

  stop() {
    clearInterval(this.#timer);
  }
}

const moment = () => new Promise((resolve) => setTimeout(resolve, 20));

/** An Opus packet of 20 ms of digital silence. */
const SILENCE = Buffer.from([0xf8, 0xff, 0xfe]);
