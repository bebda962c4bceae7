import { pageSound } from './page-sound.js';

/**
 * Whether a stream's sound is heard: what the page wants of it, and what the engine allows. An engine
 * that wants a click does not say so: it just does not play.
 *
 * @typedef {'muted' | 'blocked' | 'on'} SoundState `blocked`: the engine wants a click
 * @typedef {Pick<import('./player.js').Player, 'setSound' | 'setVolume'>} SoundPlayer
 */

/** An engine that lets sound play has done so within this time. */
const ANSWER_MS = 400;

export class SoundSwitch {
  #changed;
  #after;
  /** @type {SoundState} */
  #state = 'muted';
  /** @type {SoundPlayer | undefined} */
  #player;
  #wanted = false;
  #volume = 1;
  #page;
  #cancelAnswer = () => {};
  #cancelGesture = () => {};
  #onPageChange = () => this.#passVolume();

  /**
   * @param {(state: SoundState) => void} changed
   * @param {(ms: number, callback: () => void) => () => void} [timer] returns what cancels it
   * @param {import('./page-sound.js').PageSound} [page]
   */
  constructor(changed, timer = after, page = pageSound) {
    this.#changed = changed;
    this.#after = timer;
    this.#page = page;
  }

  get state() {
    return this.#state;
  }

  get volume() {
    return this.#volume;
  }

  set volume(value) {
    if (!(value >= 0 && value <= 1)) throw new RangeError('volume is a number from 0 to 1');
    this.#volume = value;
    this.#passVolume();
  }

  #passVolume() {
    this.#player?.setVolume(this.#page.deafened ? 0 : this.#volume);
  }

  /** @param {SoundPlayer} player whose sound this is from now on */
  attach(player) {
    this.#player = player;
    this.#page.addEventListener('change', this.#onPageChange);
    this.#passVolume();
  }

  /** Nothing sounds any more. */
  detach() {
    this.#player = undefined;
    this.#page.removeEventListener('change', this.#onPageChange);
    this.#enter('muted');
  }

  /**
   * @param {boolean} wanted whether the page wants the stream's sound
   * @param {boolean} there whether the stream has any
   */
  apply(wanted, there) {
    this.#wanted = wanted;
    const player = this.#player;
    if (!player) return;
    if (!wanted) {
      void player.setSound(false);
      this.#enter('muted');
    } else if (there) {
      void player.setSound(true).then((heard) => this.#answered(player, heard));
    }
  }

  /**
   * Turns the sound on out of a click, even before the stream has any.
   * @returns {Promise<boolean>} whether sound is heard now
   */
  async request() {
    this.#wanted = true;
    const player = this.#player;
    if (!player) return false;
    const heard = await player.setSound(true, true);
    this.#answered(player, heard);
    return heard;
  }

  /** @param {boolean} heard the engine lets sound play, or has stopped it */
  heard(heard) {
    if (!this.#player || !this.#wanted) return;
    if (heard) {
      this.#enter('on');
    } else {
      this.#cancelAnswer();
      this.#cancelAnswer = this.#after(ANSWER_MS, () => this.#enter('blocked'));
    }
  }

  /**
   * @param {SoundPlayer} player
   * @param {boolean} heard
   */
  #answered(player, heard) {
    if (player === this.#player) this.heard(heard);
  }

  /** @param {SoundState} state */
  #enter(state) {
    this.#cancelAnswer();
    if (state === this.#state) return;
    this.#state = state;
    this.#cancelGesture();
    if (state === 'blocked') this.#cancelGesture = this.#page.onGesture(() => void this.request());
    this.#changed(state);
  }
}

/**
 * @param {number} ms
 * @param {() => void} callback
 * @returns {() => void} cancels it
 */
function after(ms, callback) {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
}
