/**
 * What the other side sends at the moment, as far as it can be seen here. The signalling does not tell who
 * has muted: a muted microphone sends silence, without even the noise of a room.
 *
 * @typedef {object} Seen since the look before; undefined where it cannot be told
 * @property {boolean | undefined} sound
 * @property {boolean | undefined} picture
 */

/** A pause in speech still has noise, but some devices and programs filter it out. */
const NO_SOUND_AFTER_MS = 4000;
const NO_PICTURE_AFTER_MS = 2500;

export class OtherSide {
  #soundAtMs = 0;
  #pictureAtMs = 0;
  #nowMs = 0;

  /** The call or its connection begins anew. @param {number} nowMs */
  reset(nowMs) {
    this.#nowMs = this.#soundAtMs = this.#pictureAtMs = nowMs;
  }

  /** @param {number} nowMs @param {Seen} seen */
  look(nowMs, { sound, picture }) {
    this.#nowMs = nowMs;
    if (sound !== false) this.#soundAtMs = nowMs;
    if (picture !== false) this.#pictureAtMs = nowMs;
  }

  get isSilent() {
    return this.#nowMs - this.#soundAtMs >= NO_SOUND_AFTER_MS;
  }

  get hasNoPicture() {
    return this.#nowMs - this.#pictureAtMs >= NO_PICTURE_AFTER_MS;
  }

  /** For the user; empty when all comes. */
  get words() {
    return [this.isSilent ? 'Muted or silent' : '', this.hasNoPicture ? 'Camera off' : '']
      .filter(Boolean)
      .join(' · ');
  }
}
