import { CLOSE_NO_SUCH_CALL, MediaSocket } from './media-socket.js';
import { FramesPlayer, canPlayFrames } from './frames-player.js';
import { HeliographClient } from './heliograph-client.js';
import { HeliographError, unreachable } from './heliograph-error.js';
import { SegmentsPlayer, canPlaySegments } from './segments-player.js';
import { VideoView } from './video-view.js';
import { socketUrl } from './agent-address.js';
import { stateWords } from './state-words.js';

/**
 * `<heliograph-video>`: the picture and the sound of a call.
 *
 *     <heliograph-video channel="…" agent="http://127.0.0.1:7117" token="…"></heliograph-video>
 *
 * docs/page.md describes its attributes, properties, events and parts.
 *
 * @typedef {'idle' | 'connecting' | 'waiting' | 'playing' | 'stalled' | 'ended' | 'failed'} VideoState
 * @typedef {'muted' | 'blocked' | 'on'} SoundState
 */

const STALLED_AFTER_MS = 2500;
const SOUND_ONLY_AFTER_MS = 1500;
const SOUND_ANSWER_MS = 400;
const HANDSHAKES_BEFORE_GIVING_UP = 5;
const BAD_MESSAGES_BEFORE_GIVING_UP = 3;

/** Known before the first element needs it: a player made within a click may play sound at once. */
let framesPlayable = /** @type {boolean | undefined} */ (undefined);
const framesProbe = canPlayFrames().then((playable) => (framesPlayable = playable));

export class HeliographVideo extends HTMLElement {
  static observedAttributes = ['channel', 'stream', 'format', 'agent', 'token', 'muted'];

  #view = new VideoView(this.attachShadow({ mode: 'open' }), () => void this.requestSound());
  /** @type {MediaSocket | undefined} */
  #socket;
  /** @type {import('./player.js').Player | undefined} */
  #player;
  #token = '';
  #startScheduled = false;
  /** Counts the starts, so that what belongs to an earlier one is recognized and left alone. */
  #generation = 0;
  /** @type {VideoState} */
  #state = 'idle';
  #callState = '';
  /** @type {SoundState} */
  #sound = 'muted';
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #soundAnswer;
  /** @type {HeliographError | undefined} */
  #error;
  #volume = 1;
  #tracks = { video: false, audio: false };
  #framesFailed = false;
  #pictureShownMs = -Infinity;
  #handshakes = 0;
  /** Since when the stream has had sound and no picture. */
  #soundOnlyMs = Infinity;
  #connected = false;
  #badMessages = 0;
  #sendingPaused = false;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #everySecond;
  #onVisibility = () => this.#visibilityChanged();

  connectedCallback() {
    document.addEventListener('visibilitychange', this.#onVisibility);
    this.#everySecond = setInterval(() => this.#tick(), 1000);
    this.#scheduleStart();
  }

  disconnectedCallback() {
    document.removeEventListener('visibilitychange', this.#onVisibility);
    clearInterval(this.#everySecond);
    this.#stop();
    this.#enter('idle');
  }

  /**
   * @param {string} name
   * @param {string | null} before
   * @param {string | null} now
   */
  attributeChangedCallback(name, before, now) {
    if (before === now || !this.isConnected) return;
    if (name === 'muted') this.#applySound();
    else this.#scheduleStart();
  }

  // Attributes and properties

  get channel() {
    return this.getAttribute('channel') ?? '';
  }

  set channel(value) {
    this.#reflect('channel', value);
  }

  /** @returns {'remote' | 'self'} */
  get stream() {
    return this.getAttribute('stream') === 'self' ? 'self' : 'remote';
  }

  set stream(value) {
    this.#reflect('stream', value);
  }

  /** @returns {'auto' | 'webm' | 'frames'} */
  get format() {
    const format = this.getAttribute('format');
    return format === 'webm' || format === 'frames' ? format : 'auto';
  }

  set format(value) {
    this.#reflect('format', value);
  }

  get agent() {
    return this.getAttribute('agent') ?? '';
  }

  set agent(value) {
    this.#reflect('agent', value);
  }

  /** The agent's token. Set as a property it does not appear in the document. */
  get token() {
    return this.#token || (this.getAttribute('token') ?? '');
  }

  set token(value) {
    if (value === this.token) return;
    this.#token = value;
    if (this.isConnected) this.#scheduleStart();
  }

  /** True when the page wants no sound. A sound that waits for the user's click is not muted. */
  get muted() {
    return this.hasAttribute('muted');
  }

  set muted(value) {
    this.toggleAttribute('muted', value);
  }

  get volume() {
    return this.#volume;
  }

  set volume(value) {
    if (!(value >= 0 && value <= 1)) throw new RangeError('volume is a number from 0 to 1');
    this.#volume = value;
    this.#player?.setVolume(value);
  }

  get state() {
    return this.#state;
  }

  /** The call's state as the agent tells it: ringing, connecting, connected, reconnecting, ended. */
  get callState() {
    return this.#callState;
  }

  /** @returns {SoundState} */
  get sound() {
    return this.#sound;
  }

  /** What went wrong last, while it still is wrong. */
  get error() {
    return this.#error;
  }

  /** @returns {import('./player.js').PlayerStats | undefined} undefined while nothing plays */
  get stats() {
    return this.#player?.stats();
  }

  /**
   * Turns the sound on. Call it out of a click or a key press where the engine wants one; it may be
   * called right after `channel` was set, within the same click.
   * @returns {Promise<boolean>} whether sound is heard now
   */
  async requestSound() {
    this.#startNow();
    const player = this.#player;
    this.muted = false;
    if (!player || this.#state === 'ended' || this.#state === 'failed') return false;
    const heard = await player.setSound(true, true);
    if (player === this.#player) this.#waitForSound(heard);
    return heard;
  }

  /**
   * @param {string} name
   * @param {string} value
   */
  #reflect(name, value) {
    if (value) this.setAttribute(name, value);
    else this.removeAttribute(name);
  }

  // Starting and stopping

  /** Several attributes set one after the other make one start. */
  #scheduleStart() {
    if (this.#startScheduled) return;
    this.#startScheduled = true;
    queueMicrotask(() => this.#startNow());
  }

  #startNow() {
    if (!this.#startScheduled) return;
    this.#startScheduled = false;
    this.#stop();
    if (!this.isConnected || !this.channel) {
      this.#enter('idle');
      return;
    }
    this.#enter('connecting');
    const generation = this.#generation;
    if (this.format === 'auto' && framesPlayable === undefined) {
      framesProbe.then(() => generation === this.#generation && this.#start());
    } else {
      this.#start();
    }
  }

  #start() {
    try {
      const format = this.#chooseFormat();
      const kind = this.stream === 'self' ? 'self' : 'media';
      const url = socketUrl(this.agent, `api/call/${kind}/${encodeURIComponent(this.channel)}`, {
        access_token: this.token,
        format,
      });
      const listener = this.#playerListener(this.#generation);
      const player = format === 'frames' ? new FramesPlayer(listener) : new SegmentsPlayer(listener);
      this.#player = player;
      player.setVolume(this.#volume);
      player.setVisible(!document.hidden);
      this.#view.show(player.element);
      this.#socket = new MediaSocket(url, this.#socketListener(player));
    } catch (error) {
      this.#fail(
        error instanceof HeliographError
          ? error
          : new HeliographError('cannot_start', error instanceof Error ? error.message : `${error}`),
      );
    }
  }

  /** Lets go of connection and decoders; the last picture stays. */
  #release() {
    this.#generation += 1;
    this.#socket?.close();
    this.#player?.close();
  }

  #stop() {
    this.#release();
    this.#socket = undefined;
    this.#player = undefined;
    clearTimeout(this.#soundAnswer);
    this.#enterSound('muted');
    this.#tracks = { video: false, audio: false };
    this.#callState = '';
    this.#error = undefined;
    this.#handshakes = 0;
    this.#soundOnlyMs = Infinity;
    this.#connected = false;
    this.#badMessages = 0;
    this.#sendingPaused = false;
    this.#pictureShownMs = -Infinity;
  }

  /** @returns {'frames' | 'webm'} */
  #chooseFormat() {
    if (this.format !== 'auto') return this.format;
    if (framesPlayable && !this.#framesFailed) return 'frames';
    if (canPlaySegments()) return 'webm';
    throw new HeliographError('no_player', 'This webview has neither WebCodecs nor WebM playback.', {
      hint: 'On Debian and Ubuntu install gstreamer1.0-plugins-good and gstreamer1.0-plugins-bad.',
    });
  }

  // The connection

  /**
   * @param {import('./player.js').Player} player
   * @returns {import('./media-socket.js').MediaSocketListener}
   */
  #socketListener(player) {
    return {
      opened: () => {
        this.#connected = true;
        this.#handshakes = 0;
        this.#sendingPaused = false;
        this.#error = undefined;
        if (this.#state !== 'playing') this.#enter('waiting');
        this.#visibilityChanged();
      },
      text: (message) => {
        if (message.type === 'state') this.#callStateChanged(message.state);
        else if (message.type === 'ended') this.#ended(message.reason);
        else player.receiveText(message);
      },
      binary: (message) => {
        try {
          player.receiveBinary(message);
        } catch (cause) {
          this.#receivedBadMedia(cause);
        }
      },
      lost: ({ stood }) => {
        this.#connected = false;
        player.reset();
        if (this.#state !== 'connecting') this.#enter('connecting');
        if (!stood) this.#explainHandshake();
      },
      finished: ({ code, reason }) => {
        if (code === CLOSE_NO_SUCH_CALL) {
          this.#fail(new HeliographError('no_such_call', 'The agent knows no such call.', {
            hint: 'It may be over already.',
          }));
        } else {
          this.#ended(reason);
        }
      },
    };
  }

  /**
   * Once may be an accident of the connection; again and again it is two versions that do not fit.
   * @param {unknown} cause
   */
  #receivedBadMedia(cause) {
    this.#badMessages += 1;
    const fatal = this.#badMessages >= BAD_MESSAGES_BEFORE_GIVING_UP;
    const error = new HeliographError('bad_media', 'The agent sent media that the page cannot read.', {
      hint: fatal ? 'Do the agent and the page’s library have the same version?' : '',
      cause,
      fatal,
    });
    if (fatal) return this.#fail(error);
    this.#report(error);
    this.#player?.reset();
    this.#socket?.restart();
  }

  /** A WebSocket does not tell why its handshake failed: an ordinary request does. */
  async #explainHandshake() {
    const generation = this.#generation;
    this.#handshakes += 1;
    let problem;
    try {
      await new HeliographClient({ agent: this.agent, token: this.token }).active();
      problem = new HeliographError('no_media', 'The agent does not hand out this stream.', {
        hint: 'The call may be over.',
        fatal: this.#handshakes >= HANDSHAKES_BEFORE_GIVING_UP,
      });
    } catch (error) {
      problem = error instanceof HeliographError ? error : unreachable(error);
    }
    if (generation !== this.#generation) return;
    const refused = problem.status === 401 || problem.status === 403;
    if (refused || (problem.fatal && problem.code === 'no_media')) this.#fail(problem);
    else this.#report(problem);
  }

  /** @param {unknown} state */
  #callStateChanged(state) {
    this.#callState = String(state);
    this.#describe();
    this.#emit('statechange', { state: this.#state, callState: this.#callState });
  }

  /** @param {unknown} reason */
  #ended(reason) {
    if (this.#state === 'ended') return;
    this.#release();
    this.#callState = 'ended';
    this.#enterSound('muted');
    this.#enter('ended');
    this.#emit('ended', { reason: typeof reason === 'string' ? reason : '' });
  }

  // The player

  /**
   * @param {number} generation
   * @returns {import('./player.js').PlayerListener}
   */
  #playerListener(generation) {
    const current = () => generation === this.#generation;
    return {
      send: (message) => this.#socket?.send(message),
      tracksChanged: (tracks) => {
        if (!current()) return;
        this.#tracks = tracks;
        this.#describe();
        const soundOnly = tracks.audio && !tracks.video;
        this.#soundOnlyMs = soundOnly ? Math.min(this.#soundOnlyMs, performance.now()) : Infinity;
        this.#applySound();
      },
      pictureShown: () => {
        if (!current()) return;
        this.#pictureShownMs = performance.now();
        // What was buffered plays on for a moment after the connection broke: that is not playing.
        if (this.#connected && (this.#state === 'waiting' || this.#state === 'stalled')) {
          this.#enter('playing');
        }
      },
      resized: (width, height) => {
        if (current()) this.#emit('resize', { width, height });
      },
      soundChanged: (running) => {
        if (current() && !this.muted) this.#waitForSound(running);
      },
      connectionNeeded: () => {
        if (!current()) return;
        this.#player?.reset();
        this.#socket?.restart();
      },
      failed: (error) => {
        if (!current()) return;
        if (this.format === 'auto' && this.#player?.format === 'frames' && canPlaySegments()) {
          this.#report(error);
          this.#framesFailed = true;
          this.#scheduleStart();
        } else {
          this.#fail(error);
        }
      },
    };
  }

  // Sound

  #applySound() {
    const player = this.#player;
    if (!player || this.#state === 'ended' || this.#state === 'failed') return;
    if (this.muted || this.stream === 'self') {
      player.setSound(false);
      this.#enterSound('muted');
    } else if (this.#tracks.audio) {
      player.setSound(true).then((heard) => player === this.#player && this.#waitForSound(heard));
    }
  }

  /**
   * An engine that wants a click does not say so: it just does not play.
   * @param {boolean} heard
   */
  #waitForSound(heard) {
    clearTimeout(this.#soundAnswer);
    if (heard) {
      this.#enterSound('on');
    } else if (!this.muted) {
      this.#soundAnswer = setTimeout(() => this.#enterSound('blocked'), SOUND_ANSWER_MS);
    }
  }

  /** @param {SoundState} sound */
  #enterSound(sound) {
    clearTimeout(this.#soundAnswer);
    if (sound === this.#sound) return;
    this.#sound = sound;
    this.dataset.sound = sound;
    this.#view.offerSound(sound === 'blocked');
    if (sound === 'blocked') this.#emit('soundblocked', {});
    if (sound === 'on') this.#emit('soundon', {});
  }

  // Every second, and when the page is hidden or shown

  #tick() {
    const player = this.#player;
    if (!player) return;
    const { buffered, shown, dropped, clock } = player.stats();
    this.#socket?.send({ type: 'feedback', buffered, shown, dropped, clock });
    // The picture often begins a moment after the sound: that is no call without one.
    if (this.#state === 'waiting' && performance.now() - this.#soundOnlyMs > SOUND_ONLY_AFTER_MS) {
      this.#enter('playing');
    }
    const still = performance.now() - this.#pictureShownMs;
    if (this.#state === 'playing' && this.#tracks.video && !document.hidden && still > STALLED_AFTER_MS) {
      this.#enter('stalled');
    }
  }

  #visibilityChanged() {
    const visible = !document.hidden;
    this.#player?.setVisible(visible);
    if (visible) this.#pictureShownMs = performance.now();
    // A hidden call is still heard. One without sound need not be sent at all.
    const pause = !visible && this.#sound !== 'on';
    if (pause === this.#sendingPaused) return;
    if (this.#socket?.send({ type: pause ? 'pause' : 'resume' })) this.#sendingPaused = pause;
  }

  // What the user and the page are told

  /** @param {VideoState} state */
  #enter(state) {
    if (state === this.#state) return;
    this.#state = state;
    this.dataset.state = state;
    if (state === 'playing') this.#error = undefined;
    this.#describe();
    this.#emit('statechange', { state, callState: this.#callState });
    if (state === 'playing') this.#emit('playing', {});
    if (state === 'stalled') this.#emit('stalled', {});
  }

  #describe() {
    const { audio, video } = this.#tracks;
    const words = stateWords({
      state: this.#state,
      callState: this.#callState,
      stream: this.stream,
      soundOnly: audio && !video,
      hasPlayed: (this.stats?.shown ?? 0) > 0,
    });
    this.#view.say(this.#error ? this.#error.words : words);
  }

  /**
   * Something is wrong, and the element goes on trying.
   * @param {HeliographError} error
   */
  #report(error) {
    if (this.#error?.code === error.code) return;
    this.#error = error;
    this.#describe();
    this.#emit('error', error);
  }

  /** @param {HeliographError} error */
  #fail(error) {
    this.#release();
    this.#error = error;
    this.#enterSound('muted');
    this.#enter('failed');
    this.#describe();
    this.#emit('error', error);
  }

  /**
   * @param {string} name
   * @param {unknown} detail
   */
  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
