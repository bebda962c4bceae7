/**
 * The calls of the other side: one RTCPeerConnection at a time, from ringing to hanging up, in both
 * directions. It knows no document; the page listens to its events.
 *
 * @typedef {import('./envelope.js').Envelope} Envelope
 * @typedef {import('./envelope.js').Payload} Payload
 * @typedef {import('./envelope.js').Refusal} Refusal
 * @typedef {import('./envelope.js').CallMedia} CallMedia
 * @typedef {'idle' | 'calling' | 'ringing' | 'connecting' | 'connected' | 'reconnecting'} CallState
 *
 * @typedef {object} CallListener
 * @property {() => void} changed state, peer, streams: look at the properties
 * @property {(words: string) => void} ended why; empty when the own side has hung up
 * @property {(words: string) => void} trouble something went wrong and the call goes on
 *
 * @typedef {object} Surroundings what a browser gives
 * @property {(envelope: Envelope) => void} send
 * @property {() => Promise<RTCIceServer[]>} iceServers what helps to reach the agent, asked for at each call
 * @property {(configuration: RTCConfiguration) => RTCPeerConnection} createPeerConnection
 * @property {(media: CallMedia) => Promise<{stream: MediaStream | undefined, problem: string}>} openMedia
 * @property {() => string} createChannelId
 * @property {(ms: number, callback: () => void) => (() => void)} after
 */

const RING_TIME_MS = 45_000;
/** The caller's side gives up first and says so; this is for a caller that has vanished. */
const MISSED_AFTER_MS = 60_000;
const RECONNECT_TIME_MS = 20_000;
/** Longer than the agent waits, which knows the cause and says it. */
const CONNECT_TIME_MS = 65_000;
const NO_WAY =
  'No way through the network was found between the two sides. If they are in different networks, ' +
  'the agent needs a TURN server.';
const LOST = 'The connection was lost and did not come back.';

/** @type {Record<string, string>} */
const REFUSED_WORDS = {
  busy: 'is busy.',
  rejected: 'has rejected the call.',
  reject: 'has rejected the call.',
  timeout: 'does not answer.',
  no_answer: 'does not answer.',
};

export class RemoteCall {
  #name;
  #listener;
  #around;
  /** @type {CallState} */
  state = 'idle';
  peer = '';
  channelId = '';
  /** @type {CallMedia} */
  media = { audio: true, video: true };
  /** @type {MediaStream | undefined} */
  localStream;
  /** @type {MediaStream | undefined} */
  remoteStream;
  /** @type {RTCPeerConnection | undefined} */
  #connection;
  /** @type {RTCIceServer[]} */
  #iceServers = [];
  #outgoing = false;
  #everConnected = false;
  /** @type {(RTCIceCandidateInit | null)[]} candidates that came before the description */
  #early = [];
  /** @type {Promise<void>} the steps of this call, one after the other */
  #steps = Promise.resolve();
  #cancelTimer = () => {};
  /** Whether the connection that stood has been broken since, and the time for it to come back runs. */
  #broken = false;
  /** Whether an offer of this side waits until another one has its answer. */
  #offerDue = false;

  /**
   * @param {string} name the own one
   * @param {CallListener} listener
   * @param {Surroundings} surroundings
   */
  constructor(name, listener, surroundings) {
    this.#name = name;
    this.#listener = listener;
    this.#around = surroundings;
  }

  /** The connection, for statistics. */
  get connection() {
    return this.#connection;
  }

  // What the user does

  /**
   * @param {string} peer
   * @param {CallMedia} media what the call carries
   * @param {CallMedia} [own] what this side gives at first; the rest can be given later
   */
  call(peer, media, own = media) {
    if (this.state !== 'idle') return;
    this.#begin(this.#around.createChannelId(), peer, media, true);
    this.#enter('calling');
    this.#tell({ type: 'call-request', media });
    this.#step(() => this.#prepare(own));
    this.#cancelTimer = this.#around.after(RING_TIME_MS, () =>
      this.#end(`${peer} does not answer.`, 'timeout'),
    );
  }

  /** @param {CallMedia} media what this side gives; what it takes is the caller's choice */
  accept(media) {
    if (this.state !== 'ringing') return;
    this.#cancelTimer();
    this.#enter('connecting');
    this.#tell({ type: 'call-ack' });
    // The offer waits behind this step, however long the browser asks for permission.
    this.#step(() => this.#prepare(media));
  }

  reject() {
    if (this.state === 'ringing') this.#end('', 'rejected');
  }

  hangUp() {
    if (this.state !== 'idle') this.#end('', this.state === 'ringing' ? 'rejected' : 'hangup');
  }

  /** @param {boolean} muted */
  setMuted(muted) {
    for (const track of this.localStream?.getAudioTracks() ?? []) track.enabled = !muted;
  }

  /**
   * Off means that the camera is closed, so that its light goes out.
   * @param {boolean} on
   */
  setCamera(on) {
    // After the devices that the call begins with: a camera that came before them was forgotten, and stayed open.
    this.#step(() => this.#switchCamera(on));
    return this.#steps;
  }

  /** @param {boolean} on */
  async #switchCamera(on) {
    if (on === Boolean(this.localStream?.getVideoTracks().length)) return;
    const channel = this.channelId;
    const transceiver = this.#connection
      ?.getTransceivers()
      .find(({ receiver }) => receiver.track.kind === 'video');
    const sender = transceiver?.sender;
    if (!on) {
      await sender?.replaceTrack(null);
      for (const track of this.localStream?.getVideoTracks() ?? []) {
        track.stop();
        this.localStream?.removeTrack(track);
      }
    } else {
      const { stream, problem } = await this.#around.openMedia({ audio: false, video: true });
      if (problem) this.#listener.trouble(problem);
      const [track] = stream?.getVideoTracks() ?? [];
      if (!track) return;
      if (channel !== this.channelId) return track.stop();
      await sender?.replaceTrack(track);
      // Without any device at first there is no stream to add it to.
      if (this.localStream) this.localStream.addTrack(track);
      else this.localStream = stream;
      // A call that began without the camera was not agreed to send a picture.
      if (transceiver?.direction === 'recvonly' || transceiver?.direction === 'inactive') {
        transceiver.direction = transceiver.direction === 'recvonly' ? 'sendrecv' : 'sendonly';
        await this.#offerWhenStable();
      }
    }
    this.#listener.changed();
  }

  // What the other side says

  /** @param {Envelope} envelope */
  receive({ channel_id, from, to, payload }) {
    if (to !== this.#name) return;
    if (payload.type === 'call-request') {
      this.#requested(channel_id, from, payload.media ?? { audio: true, video: true });
      return;
    }
    // Nobody but the call's own peer has a say in it.
    if (channel_id !== this.channelId || from !== this.peer) return;
    switch (payload.type) {
      case 'call-ack':
        if (this.state === 'calling') this.#acknowledged();
        break;
      case 'call-offer':
        if (this.state !== 'ringing' && this.state !== 'calling') {
          this.#step(() => this.#answer(payload.sdp));
        }
        break;
      case 'call-answer':
        this.#step(() => this.#answered(payload.sdp));
        break;
      case 'ice-candidate':
        this.#step(() => this.#addCandidate(payload.candidate));
        break;
      case 'call-hangup':
        this.#hungUp(payload.reason ?? '');
        break;
      case 'call-error':
        this.#refused(payload.code ?? '', payload.message ?? '');
        break;
    }
  }

  /** @param {Refusal} refusal */
  refusedByRendezvous({ code, message, channel_id }) {
    if (channel_id !== this.channelId) return;
    if (code !== 'peer_unreachable') this.#listener.trouble(message);
    else if (this.state === 'calling') this.#end(`${this.peer} is not there at the moment.`);
  }

  /**
   * @param {string} channelId
   * @param {string} from
   * @param {CallMedia} media
   */
  #requested(channelId, from, media) {
    if (channelId === this.channelId) return;
    if (this.state === 'idle') {
      this.#ring(channelId, from, media);
    } else if (from !== this.peer) {
      const payload = /** @type {const} */ ({ type: 'call-hangup', reason: 'busy' });
      this.#around.send({ channel_id: channelId, from: this.#name, to: from, payload });
    } else if (this.state === 'calling') {
      this.#bothCall(channelId, from, media);
    } else {
      // A peer that calls anew has lost the call that we still hold.
      this.#close();
      this.#ring(channelId, from, media);
    }
  }

  /**
   * Both call each other at once: the smaller channel_id goes on, which both sides know without asking;
   * and as both want the call, nobody is asked again.
   * @param {string} channelId
   * @param {string} from
   * @param {CallMedia} media
   */
  #bothCall(channelId, from, media) {
    if (this.channelId < channelId) return;
    const { media: own } = this;
    this.#close();
    this.#ring(channelId, from, media);
    this.accept(own);
  }

  /**
   * @param {string} channelId
   * @param {string} from
   * @param {CallMedia} media
   */
  #ring(channelId, from, media) {
    this.#begin(channelId, from, media, false);
    this.#cancelTimer = this.#around.after(MISSED_AFTER_MS, () =>
      this.#end(`You missed a call from ${from}.`, 'timeout'),
    );
    this.#enter('ringing');
  }

  #acknowledged() {
    this.#cancelTimer();
    this.#enter('connecting');
    this.#step(async () => {
      this.#limitConnecting();
      const connection = this.#connect();
      for (const kind of /** @type {const} */ (['audio', 'video'])) {
        const sends = connection.getSenders().some(({ track }) => track?.kind === kind);
        // Without a device of that kind there is still something to receive.
        if (this.media[kind] && !sends) connection.addTransceiver(kind, { direction: 'recvonly' });
      }
      await this.#offer(connection);
    });
  }

  /** @param {RTCPeerConnection} connection */
  async #offer(connection) {
    await connection.setLocalDescription();
    this.#tell({ type: 'call-offer', sdp: connection.localDescription?.sdp ?? '' });
  }

  /** @param {string} sdp */
  async #answer(sdp) {
    const connection = this.#connection ?? this.#connect();
    const both = connection.signalingState === 'have-local-offer';
    // Both offer at once: the caller's goes first. The callee's browser takes its own back and answers.
    if (both && this.#outgoing) return;
    this.#offerDue ||= both;
    await connection.setRemoteDescription({ type: 'offer', sdp });
    await this.#addEarlyCandidates(connection);
    await connection.setLocalDescription();
    this.#tell({ type: 'call-answer', sdp: connection.localDescription?.sdp ?? '' });
    if (this.#offerDue) await this.#offerWhenStable();
  }

  /** While an answer is awaited it would be taken for the new offer's. */
  async #offerWhenStable() {
    this.#offerDue = this.#connection?.signalingState !== 'stable';
    if (this.#connection && !this.#offerDue) await this.#offer(this.#connection);
  }

  /** @param {string} sdp */
  async #answered(sdp) {
    const connection = this.#connection;
    if (connection?.signalingState !== 'have-local-offer') return;
    await connection.setRemoteDescription({ type: 'answer', sdp });
    await this.#addEarlyCandidates(connection);
    if (this.#offerDue) await this.#offerWhenStable();
  }

  /** @param {RTCIceCandidateInit | null} candidate */
  async #addCandidate(candidate) {
    if (!this.#connection?.remoteDescription) {
      this.#early.push(candidate);
    } else if (candidate?.candidate) {
      await this.#connection.addIceCandidate(candidate);
    } else {
      await this.#connection.addIceCandidate();
    }
  }

  /** @param {RTCPeerConnection} connection */
  async #addEarlyCandidates(connection) {
    for (const candidate of this.#early.splice(0)) {
      await connection.addIceCandidate(candidate?.candidate ? candidate : undefined);
    }
  }

  /** @param {string} reason */
  #hungUp(reason) {
    if (this.state === 'ringing') this.#end(`You missed a call from ${this.peer}.`);
    else if (this.state === 'calling' && reason === 'glare') this.#close();
    else if (this.state === 'calling') {
      const words = REFUSED_WORDS[reason] ?? (reason ? `says: ${reason}` : 'has rejected the call.');
      this.#end(`${this.peer} ${words}`);
    } else if (reason === 'timeout') {
      this.#end(`${this.peer} has waited too long for this side to get ready.`);
    } else if (reason === 'connection_failed' || reason === 'connection_lost') {
      this.#end(this.#everConnected ? LOST : NO_WAY);
    } else this.#end(`${this.peer} has hung up.`);
  }

  /**
   * @param {string} code
   * @param {string} message
   */
  #refused(code, message) {
    if (code === 'unknown_call') this.#end(`${this.peer} knows nothing of this call any more.`);
    else this.#listener.trouble(`${this.peer} did not accept a message: ${message}`);
  }

  // The connection

  #connect() {
    const connection = this.#around.createPeerConnection({ iceServers: this.#iceServers });
    this.#connection = connection;
    this.localStream?.getTracks().forEach((track) => {
      if (this.localStream) connection.addTrack(track, this.localStream);
    });
    connection.onicecandidate = ({ candidate }) => {
      if (connection !== this.#connection) return;
      this.#tell({ type: 'ice-candidate', candidate: candidate?.candidate ? candidate.toJSON() : null });
    };
    connection.ontrack = ({ track, streams }) => {
      if (connection !== this.#connection) return;
      this.remoteStream = streams[0] ?? this.remoteStream ?? new MediaStream();
      if (!this.remoteStream.getTracks().includes(track)) this.remoteStream.addTrack(track);
      track.onmute = track.onunmute = () => this.#listener.changed();
      this.#listener.changed();
    };
    connection.onconnectionstatechange = () => {
      if (connection === this.#connection) this.#connectionChanged(connection);
    };
    return connection;
  }

  /** @param {RTCPeerConnection} connection */
  #connectionChanged(connection) {
    switch (connection.connectionState) {
      case 'connected':
        this.#cancelTimer();
        this.#broken = false;
        this.#everConnected = true;
        this.#watchTransport(connection);
        this.#enter('connected');
        break;
      case 'disconnected':
        this.#break();
        break;
      case 'failed':
        if (!this.#everConnected) {
          this.#end(NO_WAY, 'failed');
          return;
        }
        this.#break();
        // One side restarts ICE, and it is the one that made the first offer.
        if (this.#outgoing) {
          connection.restartIce();
          this.#step(() => this.#offer(connection));
        }
        break;
    }
  }

  /**
   * The agent closes the transport when it hangs up; its word may come later, or to another tab that
   * has taken this one's place.
   * @param {RTCPeerConnection} connection
   */
  #watchTransport(connection) {
    const transport = connection.getReceivers()[0]?.transport;
    if (!transport) return;
    transport.onstatechange = () => {
      if (connection === this.#connection && transport.state === 'closed') this.#hungUp('');
    };
  }

  /** However often it fails meanwhile, the time to come back is one. */
  #break() {
    if (!this.#everConnected || this.#broken) return;
    this.#broken = true;
    this.#enter('reconnecting');
    this.#cancelTimer = this.#around.after(RECONNECT_TIME_MS, () => this.#end(LOST, 'failed'));
  }

  /** An agent that vanishes while the connection is made says nothing, and no path fails. */
  #limitConnecting() {
    this.#cancelTimer();
    this.#cancelTimer = this.#around.after(CONNECT_TIME_MS, () => this.#end(NO_WAY, 'failed'));
  }

  /**
   * What the connection is made of: the own devices, and the servers that help to find a way.
   * @param {CallMedia} media
   */
  async #prepare(media) {
    await Promise.all([this.#askForIceServers(), this.#openMedia(media)]);
    if (this.state === 'connecting') this.#limitConnecting();
  }

  async #askForIceServers() {
    const channel = this.channelId;
    try {
      const servers = await this.#around.iceServers();
      if (channel === this.channelId) this.#iceServers = servers;
    } catch (error) {
      // In one network the two sides find each other without.
      if (channel !== this.channelId) return;
      const { message } = /** @type {Error} */ (error);
      this.#listener.trouble(
        `The agent did not say which servers help to reach it (${message}). The call goes on without them.`,
      );
    }
  }

  /** @param {CallMedia} media */
  async #openMedia(media) {
    const channel = this.channelId;
    const { stream, problem } = await this.#around.openMedia(media);
    if (channel !== this.channelId) {
      // Hung up while the browser asked or the device opened.
      stream?.getTracks().forEach((track) => track.stop());
      return;
    }
    this.localStream = stream;
    if (problem) this.#listener.trouble(problem);
    this.#listener.changed();
  }

  // From the first ring to the end

  /**
   * @param {string} channelId
   * @param {string} peer
   * @param {CallMedia} media
   * @param {boolean} outgoing
   */
  #begin(channelId, peer, media, outgoing) {
    this.channelId = channelId;
    this.peer = peer;
    this.media = media;
    this.#outgoing = outgoing;
    this.#everConnected = false;
    this.#broken = false;
    this.#offerDue = false;
    this.#early = [];
    this.#iceServers = [];
    this.#steps = Promise.resolve();
  }

  /**
   * Steps run one after the other, and not any more once their call is over.
   * @param {() => Promise<void>} step
   */
  #step(step) {
    const channel = this.channelId;
    this.#steps = this.#steps.then(async () => {
      if (channel !== this.channelId) return;
      try {
        await step();
      } catch (error) {
        if (channel === this.channelId) {
          this.#listener.trouble(`A step of the call failed: ${/** @type {Error} */ (error).message}`);
        }
      }
    });
  }

  /** Resolves when all that was received so far has been dealt with. */
  get settled() {
    return this.#steps;
  }

  /** @param {Payload} payload */
  #tell(payload) {
    if (!this.channelId) return;
    const { channelId, peer } = this;
    this.#around.send({ channel_id: channelId, from: this.#name, to: peer, payload });
  }

  /** @param {CallState} state */
  #enter(state) {
    if (state === this.state) return;
    this.state = state;
    this.#listener.changed();
  }

  /**
   * @param {string} words for the user
   * @param {string} [reason] for the other side, when it has to be told
   */
  #end(words, reason) {
    if (reason !== undefined) this.#tell({ type: 'call-hangup', reason });
    this.#close();
    this.#listener.ended(words);
  }

  #close() {
    this.#cancelTimer();
    this.#connection?.close();
    this.#connection = undefined;
    this.localStream?.getTracks().forEach((track) => track.stop());
    this.localStream = undefined;
    this.remoteStream = undefined;
    this.channelId = '';
    this.peer = '';
    this.#enter('idle');
  }
}
