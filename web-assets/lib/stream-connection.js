import { CLOSE_NO_SUCH_CALL, MediaSocket } from './media-socket.js';
import { HeliographClient } from './heliograph-client.js';
import { HeliographError, unreachable } from './heliograph-error.js';
import { socketUrl } from './agent-address.js';

/**
 * The way of one stream from the agent to a player: the socket, and what its failures mean in words.
 *
 * @typedef {object} StreamAddress
 * @property {string} agent
 * @property {string} token
 * @property {string} channel
 * @property {'remote' | 'self'} stream
 * @property {'webm' | 'frames'} format
 *
 * @typedef {object} StreamListener
 * @property {() => void} opened
 * @property {() => void} lost it will come back
 * @property {(state: string) => void} callState
 * @property {(message: Record<string, any>) => void} text of the media, for the player
 * @property {(message: ArrayBuffer) => void} binary of the media, for the player; may throw
 * @property {(reason: string) => void} ended the call is over
 * @property {(error: HeliographError) => void} troubled it goes on trying
 * @property {(error: HeliographError) => void} failed it has given up
 *
 * @typedef {Pick<MediaSocket, 'send' | 'restart' | 'close'>} Socket
 */

const HANDSHAKES_BEFORE_GIVING_UP = 5;
const BAD_MESSAGES_BEFORE_GIVING_UP = 3;

export class StreamConnection {
  #address;
  #listener;
  #askAgent;
  /** @type {Socket} */
  #socket;
  #handshakes = 0;
  #badMessages = 0;
  /** The agent has been told to send nothing. */
  #paused = false;
  #pauseWanted = false;
  #closed = false;

  /**
   * @param {StreamAddress} address
   * @param {StreamListener} listener
   * @param {object} [options] for tests
   * @param {(url: string, listener: import('./media-socket.js').MediaSocketListener) => Socket}
   *     [options.open]
   * @param {() => Promise<unknown>} [options.askAgent] an ordinary request to the agent
   */
  constructor(address, listener, options = {}) {
    const { open = (url, socketListener) => new MediaSocket(url, socketListener) } = options;
    this.#address = address;
    this.#listener = listener;
    this.#askAgent = options.askAgent ?? (() => new HeliographClient(address).active());
    this.#socket = open(this.#url(), {
      opened: () => this.#opened(),
      text: (message) => this.#receiveText(message),
      binary: (message) => this.#receiveBinary(message),
      lost: ({ stood }) => {
        listener.lost();
        if (!stood) void this.#explainHandshake();
      },
      finished: ({ code, reason }) => this.#finished(code, reason),
    });
  }

  /** @param {Record<string, unknown>} message */
  send(message) {
    return this.#socket.send(message);
  }

  /** @param {boolean} paused the agent need not send anything */
  setPaused(paused) {
    this.#pauseWanted = paused;
    if (paused === this.#paused) return;
    if (this.#socket.send({ type: paused ? 'pause' : 'resume' })) this.#paused = paused;
  }

  /** Drops the connection and makes a new one. */
  restart() {
    this.#socket.restart();
  }

  close() {
    this.#closed = true;
    this.#socket.close();
  }

  #url() {
    const { agent, token, channel, stream, format } = this.#address;
    const kind = stream === 'self' ? 'self' : 'media';
    return socketUrl(agent, `api/call/${kind}/${encodeURIComponent(channel)}`, {
      access_token: token,
      format,
      // WebKitGTK leaks all sound that its own decoder decodes (docs/page.md).
      ...(format === 'frames' && { sound: 'pcm' }),
    });
  }

  #opened() {
    this.#handshakes = 0;
    this.#paused = false;
    this.#listener.opened();
    this.setPaused(this.#pauseWanted);
  }

  /** @param {Record<string, any>} message */
  #receiveText(message) {
    if (message.type === 'state') this.#listener.callState(String(message.state));
    else if (message.type === 'ended') this.#listener.ended(reasonOf(message.reason));
    else this.#listener.text(message);
  }

  /**
   * What cannot be read may be an accident of the connection once; again and again it is two versions
   * that do not fit.
   * @param {ArrayBuffer} message
   */
  #receiveBinary(message) {
    try {
      this.#listener.binary(message);
    } catch (cause) {
      this.#badMessages += 1;
      const fatal = this.#badMessages >= BAD_MESSAGES_BEFORE_GIVING_UP;
      const hint = fatal ? 'Do the agent and the page’s library have the same version?' : '';
      const text = 'The agent sent media that the page cannot read.';
      const error = new HeliographError('bad_media', text, { hint, cause, fatal });
      if (fatal) return this.#listener.failed(error);
      this.#listener.troubled(error);
      this.#listener.lost();
      this.#socket.restart();
    }
  }

  /**
   * @param {number} code
   * @param {string} reason
   */
  #finished(code, reason) {
    if (code !== CLOSE_NO_SUCH_CALL) return this.#listener.ended(reasonOf(reason));
    const hint = 'It may be over already.';
    this.#listener.failed(new HeliographError('no_such_call', 'The agent knows no such call.', { hint }));
  }

  /** A WebSocket does not tell why its handshake failed: an ordinary request does. */
  async #explainHandshake() {
    this.#handshakes += 1;
    let problem;
    try {
      await this.#askAgent();
      problem = new HeliographError('no_media', 'The agent does not hand out this stream.', {
        hint: 'The call may be over.',
        fatal: this.#handshakes >= HANDSHAKES_BEFORE_GIVING_UP,
      });
    } catch (error) {
      problem = error instanceof HeliographError ? error : unreachable(error);
    }
    if (this.#closed) return;
    const refused = problem.status === 401 || problem.status === 403;
    if (refused || (problem.fatal && problem.code === 'no_media')) this.#listener.failed(problem);
    else this.#listener.troubled(problem);
  }
}

/** @param {unknown} reason */
function reasonOf(reason) {
  return typeof reason === 'string' ? reason : '';
}
