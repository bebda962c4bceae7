import { HeliographError } from './heliograph-error.js';
import { SoundSwitch } from './sound-switch.js';
import { StreamConnection } from './stream-connection.js';
import { StreamProgress } from './stream-progress.js';
import { VideoAttributes } from './video-attributes.js';
import { VideoView } from './video-view.js';
import { canPlaySegments, choiceIsDue, chooseFormat, createPlayer } from './player-choice.js';
import { stateWords } from './state-words.js';

/**
 * `<heliograph-video>`: the picture and the sound of a call.
 *
 *     <heliograph-video channel="…" agent="http://127.0.0.1:7117" token="…"></heliograph-video>
 *
 * docs/page.md describes its attributes, properties, events and parts. It joins what does the work: the
 * connection, a player, the switch of the sound, the view; and says what has become of them.
 *
 * @typedef {'idle' | import('./stream-progress.js').Progress | 'ended' | 'failed'} VideoState
 */

export class HeliographVideo extends VideoAttributes {
  #view = new VideoView(this.attachShadow({ mode: 'open' }), () => void this.requestSound());
  #sound = new SoundSwitch((state) => this.#soundChanged(state));
  #progress = new StreamProgress();
  /** @type {StreamConnection | undefined} */
  #connection;
  /** @type {import('./player.js').Player | undefined} */
  #player;
  /** @type {VideoState} */
  #state = 'idle';
  #callState = '';
  /** @type {HeliographError | undefined} */
  #error;
  #framesFailed = false;
  #startScheduled = false;
  /** Counts the starts, so that what belongs to an earlier one is recognized and left alone. */
  #generation = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #everySecond;
  #onVisibility = () => this.#visibilityChanged();
  /** A page that is kept for the user's way back is not fed meanwhile, and begins anew then. */
  #onPageHide = () => this.#stop();
  #onPageShow = (/** @type {PageTransitionEvent} */ { persisted }) => {
    if (persisted) this.sourceChanged();
  };

  connectedCallback() {
    document.addEventListener('visibilitychange', this.#onVisibility);
    addEventListener('pagehide', this.#onPageHide);
    addEventListener('pageshow', this.#onPageShow);
    this.#everySecond = setInterval(() => this.#tick(), 1000);
    this.sourceChanged();
  }

  disconnectedCallback() {
    document.removeEventListener('visibilitychange', this.#onVisibility);
    removeEventListener('pagehide', this.#onPageHide);
    removeEventListener('pageshow', this.#onPageShow);
    clearInterval(this.#everySecond);
    this.#stop();
    this.#enter('idle');
  }

  get volume() {
    return this.#sound.volume;
  }

  set volume(value) {
    this.#sound.volume = value;
  }

  get state() {
    return this.#state;
  }

  /** The call's state as the agent tells it: ringing, connecting, connected, reconnecting, ended. */
  get callState() {
    return this.#callState;
  }

  get sound() {
    return this.#sound.state;
  }

  /** What went wrong last, while it still is wrong. */
  get error() {
    return this.#error;
  }

  /** @returns {import('./player.js').PlayerStats | undefined} undefined while nothing plays */
  get stats() {
    return this.#player?.stats();
  }

  /** How loud the stream is now, before its volume: 0 to 1. */
  get level() {
    return this.stats?.level ?? 0;
  }

  /**
   * Turns the sound on. Call it out of a click or a key press where the engine wants one; it may be
   * called right after `channel` was set, within the same click.
   * @returns {Promise<boolean>} whether sound is heard now
   */
  requestSound() {
    this.#startNow();
    this.muted = false;
    return this.#sound.request();
  }

  // Starting and stopping

  /** Several attributes set one after the other make one start. @protected @override */
  sourceChanged() {
    if (this.#startScheduled) return;
    this.#startScheduled = true;
    queueMicrotask(() => this.#startNow());
  }

  #startNow() {
    if (!this.#startScheduled) return;
    this.#startScheduled = false;
    this.#stop();
    if (!this.isConnected || !this.channel) return this.#enter('idle');
    this.#enter('connecting');
    const generation = this.#generation;
    const due = choiceIsDue(this.format);
    if (due) void due.then(() => generation === this.#generation && this.#start());
    else this.#start();
  }

  #start() {
    const { agent, token, channel, stream } = this;
    try {
      const format = chooseFormat(this.format, this.#framesFailed);
      const player = createPlayer(format, this.#playerListener(this.#generation));
      this.#player = player;
      this.#sound.attach(player);
      this.#view.show(player.element);
      const address = { agent, token, channel, stream, format };
      this.#connection = new StreamConnection(address, this.#streamListener(player));
      this.#visibilityChanged();
    } catch (error) {
      const words = error instanceof Error ? error.message : `${error}`;
      this.#fail(error instanceof HeliographError ? error : new HeliographError('cannot_start', words));
    }
  }

  /** Lets go of connection, sound and decoders; the last picture stays. */
  #release() {
    this.#generation += 1;
    this.#connection?.close();
    this.#player?.close();
    this.#sound.detach();
  }

  #stop() {
    this.#release();
    this.#connection = undefined;
    this.#player = undefined;
    this.#progress = new StreamProgress();
    this.#callState = '';
    this.#error = undefined;
  }

  // What connection and player tell

  /**
   * @param {import('./player.js').Player} player
   * @returns {import('./stream-connection.js').StreamListener}
   */
  #streamListener(player) {
    return {
      opened: () => {
        this.#error = undefined;
        this.#progress.opened();
        this.#showProgress();
      },
      lost: () => {
        player.reset();
        this.#progress.lost();
        this.#showProgress();
      },
      callState: (state) => {
        this.#callState = state;
        this.#describe();
        this.#emit('statechange', { state: this.#state, callState: state });
      },
      text: (message) => player.receiveText(message),
      binary: (message) => player.receiveBinary(message),
      ended: (reason) => this.#end(reason),
      troubled: (error) => this.#report(error),
      failed: (error) => this.#fail(error),
    };
  }

  /**
   * @param {number} generation
   * @returns {import('./player.js').PlayerListener}
   */
  #playerListener(generation) {
    const ifCurrent =
      (/** @type {(...args: any[]) => void} */ act) =>
      (/** @type {any[]} */ ...args) =>
        generation === this.#generation && act(...args);
    return {
      send: ifCurrent((message) => this.#connection?.send(message)),
      tracksChanged: ifCurrent((tracks) => {
        this.#progress.tracksChanged(tracks, performance.now());
        this.#describe();
        this.mutedChanged();
      }),
      pictureShown: ifCurrent(() => {
        this.#progress.pictureShown(performance.now());
        this.#showProgress();
      }),
      resized: ifCurrent((width, height) => this.#emit('resize', { width, height })),
      soundChanged: ifCurrent((running) => this.#sound.heard(running)),
      connectionNeeded: ifCurrent(() => {
        this.#player?.reset();
        this.#connection?.restart();
      }),
      failed: ifCurrent((error) => this.#playerFailed(error)),
    };
  }

  /** @param {HeliographError} error */
  #playerFailed(error) {
    if (!error.fatal) return this.#report(error);
    const other = this.format === 'auto' && this.#player?.format === 'frames' && canPlaySegments();
    if (!other) return this.#fail(error);
    this.#report(error);
    this.#framesFailed = true;
    this.sourceChanged();
  }

  /** @param {string} reason */
  #end(reason) {
    if (this.#state === 'ended') return;
    this.#release();
    this.#callState = 'ended';
    this.#enter('ended');
    this.#emit('ended', { reason });
  }

  // Sound

  /** @protected @override */
  mutedChanged() {
    this.#sound.apply(!this.muted && this.stream === 'remote', this.#progress.hasSound);
  }

  /** @param {import('./sound-switch.js').SoundState} sound */
  #soundChanged(sound) {
    this.dataset.sound = sound;
    this.#view.offerSound(sound === 'blocked');
    if (sound === 'blocked') this.#emit('soundblocked', {});
    if (sound === 'on') this.#emit('soundon', {});
    this.#pauseUnlessOfUse();
  }

  // Every second, and when the page is hidden or shown

  #tick() {
    const player = this.#player;
    if (!player || this.#state === 'ended' || this.#state === 'failed') return;
    const { buffered, shown, dropped, clock } = player.stats();
    this.#connection?.send({ type: 'feedback', buffered, shown, dropped, clock });
    this.#progress.look(performance.now(), !document.hidden);
    this.#showProgress();
  }

  #visibilityChanged() {
    const visible = !document.hidden;
    this.#player?.setVisible(visible);
    if (visible) this.#progress.seen(performance.now());
    this.#pauseUnlessOfUse();
  }

  /** A hidden call is still heard. One without sound need not be sent at all. */
  #pauseUnlessOfUse() {
    this.#connection?.setPaused(document.hidden && this.sound !== 'on');
  }

  // What the user and the page are told

  #showProgress() {
    this.#enter(this.#progress.state);
  }

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
    const words = stateWords({
      state: this.#state,
      callState: this.#callState,
      stream: this.stream,
      soundOnly: this.#progress.soundOnly,
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
