import { Backoff } from './backoff.js';
import { httpUrl } from './agent-address.js';
import { errorFromProblem } from './heliograph-error.js';
import { explainNoAnswer } from './no-answer.js';

/**
 * Drives the agent's calls and tells of what happens to them.
 *
 *     const client = new HeliographClient({ agent: 'http://127.0.0.1:7117', token });
 *     client.addEventListener('incoming', ({ detail }) => client.accept(detail.channel_id, detail.remote_peer));
 *     client.listen();
 *
 * Events are CustomEvents whose `detail` is what the agent sent: `incoming`, `state`, `ended`,
 * `devices`, `quality`, `recording`, `error`; and `connection`, with `{connected, error?}`, when the
 * way to the agent opens or is lost. An `incoming` of a call that already rang when the way opened
 * is marked as `repeated`. After each `connection` with `connected` the page should look at `active()`: what happened
 * while nobody listened is in there.
 *
 * Every method rejects with a HeliographError.
 *
 * @typedef {{audio: boolean, video: boolean}} CallMedia
 * @typedef {'on' | 'off' | 'failed'} DeviceState
 * @typedef {object} CallSession
 * @property {string} channel_id
 * @property {string} remote_peer
 * @property {'ringing' | 'connecting' | 'connected' | 'reconnecting' | 'ended'} state
 * @property {boolean} incoming whether the other side called
 * @property {CallMedia} media the kinds that the call carries
 * @property {boolean} [muted] the own sound is off by the user's choice
 * @property {boolean} [disabled] the own picture is off by the user's choice
 * @property {{audio: DeviceState, video: DeviceState}} [local] what has become of the own devices
 * @property {CallMedia} [receiving] the kinds that the other side sends
 * @property {string} [connected_at] RFC 3339
 * @property {Recording} [recording] while one runs
 *
 * @typedef {object} Recording
 * @property {'none' | 'recording' | 'stopped' | 'failed'} state
 * @property {string[]} files paths on the agent's machine
 * @property {string} [started_at] RFC 3339
 * @property {number} duration_ms
 * @property {number} bytes
 * @property {number} dropped_frames
 * @property {string} [code] why it failed
 * @property {string} [detail] the same for a person
 * @property {string} [hint] what to do about it
 *
 * @typedef {object} CallOptions
 * @property {CallMedia} [media] what the call has; to accept, which of the own devices to open
 * @property {boolean} [optional] true: a device that cannot be opened does not stop the call; an
 *     `error` event tells of it
 */

const AGENT_EVENTS = ['incoming', 'state', 'ended', 'devices', 'quality', 'recording', 'error'];
const CONNECTING = 0;
const CLOSED = 2;

export class HeliographClient extends EventTarget {
  #agent;
  #token;
  #fetch;
  #createEventSource;
  #backoff;
  /** @type {EventSource | undefined} */
  #events;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retry;
  #listening = false;

  /**
   * @param {object} options
   * @param {string} [options.agent] the agent's address; default: where the page came from
   * @param {string} options.token
   * @param {typeof fetch} [options.fetch]
   * @param {(url: string) => EventSource} [options.createEventSource]
   * @param {Backoff} [options.backoff]
   */
  constructor({ agent, token, fetch: fetchFunction, createEventSource, backoff }) {
    super();
    this.#agent = agent;
    this.#token = token;
    this.#fetch = fetchFunction ?? globalThis.fetch.bind(globalThis);
    this.#createEventSource = createEventSource ?? ((url) => new EventSource(url));
    this.#backoff = backoff ?? new Backoff({ maxMs: 5000 });
  }

  /** @returns {Promise<{mode: 'native' | 'browser', platform: string, version: string}>} */
  mode() {
    return this.#request('GET', 'api/call/mode');
  }

  /**
   * Rings at the other side.
   * @param {string} remotePeer
   * @param {CallOptions & {channelId?: string, send?: CallMedia}} [options] `channelId` names the call:
   *     unguessable; `send`: which of the own devices to open at first, all of `media` if not given
   * @returns {Promise<{status: string, channel_id: string}>}
   */
  start(remotePeer, { channelId = crypto.randomUUID(), media, send, optional } = {}) {
    return this.#request('POST', 'api/call/start', {
      channel_id: channelId,
      remote_peer: remotePeer,
      media,
      send,
      optional,
    });
  }

  /**
   * @param {string} channelId
   * @param {string} remotePeer
   * @param {CallOptions} [options]
   * @returns {Promise<{status: string, channel_id: string}>}
   */
  accept(channelId, remotePeer, { media, optional } = {}) {
    const body = { channel_id: channelId, remote_peer: remotePeer, media, optional };
    return this.#request('POST', 'api/call/accept', body);
  }

  /**
   * @param {string} channelId
   * @param {string} [reason]
   */
  reject(channelId, reason) {
    return this.#request('POST', 'api/call/reject', { channel_id: channelId, reason });
  }

  /** @param {string} channelId */
  hangup(channelId) {
    return this.#request('POST', 'api/call/hangup', { channel_id: channelId });
  }

  /**
   * @param {string} channelId
   * @param {boolean} [muted] without it, the other of what it was
   * @returns {Promise<{muted: boolean}>}
   */
  toggleAudio(channelId, muted) {
    return this.#request('POST', 'api/call/toggle-audio', { channel_id: channelId, muted });
  }

  /**
   * @param {string} channelId
   * @param {boolean} [disabled] without it, the other of what it was
   * @returns {Promise<{disabled: boolean}>}
   */
  toggleVideo(channelId, disabled) {
    return this.#request('POST', 'api/call/toggle-video', { channel_id: channelId, disabled });
  }

  /**
   * Every live session.
   * @returns {Promise<CallSession[]>}
   */
  active() {
    return this.#request('GET', 'api/call/active');
  }

  /**
   * W3C webrtc-stats objects of one call.
   * @param {string} channelId
   */
  stats(channelId) {
    return this.#request('GET', `api/call/session/${encodeURIComponent(channelId)}/stats`);
  }

  /**
   * Begins to record what both sides of a call send, into a file on the agent's machine.
   * @param {string} channelId
   * @param {{fileName?: string}} [options] without a name, the time and the other side's
   * @returns {Promise<Recording>}
   */
  startRecording(channelId, { fileName } = {}) {
    return this.#request('POST', this.#recording(channelId), { file_name: fileName });
  }

  /**
   * Ends a recording; resolves when its file is complete.
   * @param {string} channelId
   * @returns {Promise<Recording>}
   */
  stopRecording(channelId) {
    return this.#request('POST', `${this.#recording(channelId)}/stop`, {});
  }

  /**
   * How a call's recording stands, or how its last one ended.
   * @param {string} channelId
   * @returns {Promise<Recording>}
   */
  recording(channelId) {
    return this.#request('GET', this.#recording(channelId));
  }

  /** @param {string} channelId */
  #recording(channelId) {
    return `api/call/session/${encodeURIComponent(channelId)}/recording`;
  }

  /** Begins to listen for events, and goes on until `close()`, however often the agent is lost. */
  listen() {
    if (this.#listening) return;
    this.#listening = true;
    this.#openEvents();
  }

  close() {
    this.#listening = false;
    clearTimeout(this.#retry);
    this.#events?.close();
    this.#events = undefined;
  }

  #openEvents() {
    const query = { access_token: this.#token };
    const events = this.#createEventSource(httpUrl(this.#agent, 'api/call/events', query));
    this.#events = events;
    events.onopen = () => {
      this.#backoff.succeeded();
      this.#emit('connection', { connected: true });
    };
    for (const name of AGENT_EVENTS) {
      events.addEventListener(name, (event) => {
        // The engine's own connection errors bear the name "error" too, but carry no data.
        if (event instanceof MessageEvent || 'data' in event) this.#emitJson(name, event);
      });
    }
    events.onerror = (event) => {
      if ('data' in event && event.data !== undefined) return;
      // CONNECTING: the engine comes back by itself. CLOSED: it has given up; we do not.
      if (events.readyState === CLOSED) this.#retryEvents();
      if (events.readyState === CLOSED || events.readyState === CONNECTING) this.#tellLost();
    };
  }

  #retryEvents() {
    this.#events = undefined;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#listening && this.#openEvents(), this.#backoff.next());
  }

  /** An EventSource does not say why it failed: an ordinary request does. */
  async #tellLost() {
    try {
      await this.mode();
    } catch (error) {
      if (this.#listening) this.#emit('connection', { connected: false, error });
    }
  }

  /**
   * @param {string} name
   * @param {Event & {data?: unknown}} event
   */
  #emitJson(name, { data }) {
    if (typeof data !== 'string') return;
    let detail;
    try {
      detail = JSON.parse(data);
    } catch {
      return;
    }
    this.#emit(name, name === 'error' ? { ...detail, error: errorFromProblem(0, detail) } : detail);
  }

  /**
   * @param {string} name
   * @param {unknown} detail
   */
  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /**
   * @param {'GET' | 'POST'} method
   * @param {string} path
   * @param {Record<string, unknown>} [body]
   * @returns {Promise<any>}
   */
  async #request(method, path, body) {
    /** @type {Record<string, string>} */
    const headers = { Authorization: `Bearer ${this.#token}` };
    if (body) headers['Content-Type'] = 'application/json';
    let response;
    try {
      response = await this.#fetch(httpUrl(this.#agent, path), {
        method,
        headers,
        body: body && JSON.stringify(body),
      });
    } catch (cause) {
      throw await explainNoAnswer(this.#agent, cause, this.#fetch);
    }
    const answer = await response.json().catch(() => undefined);
    if (!response.ok) throw errorFromProblem(response.status, answer);
    return answer;
  }
}
