/** Whether sound and pictures have come since the look before, by the counts of an RTCPeerConnection. */
export class ReceivedMedia {
  /** @type {Map<string, {energy: number, frames: number}>} by the stream's id */
  #before = new Map();

  reset() {
    this.#before.clear();
  }

  /**
   * @param {Iterable<[string, any]>} report an RTCStatsReport
   * @returns {import('./other-side.js').Seen} undefined for a kind that is seen the first time
   */
  look(report) {
    /** @type {import('./other-side.js').Seen} */
    const seen = { sound: false, picture: false };
    const now = new Map();
    for (const [id, { type, kind, totalAudioEnergy, framesReceived }] of report) {
      if (type !== 'inbound-rtp') continue;
      const before = this.#before.get(id);
      now.set(id, { energy: totalAudioEnergy, frames: framesReceived });
      if (kind === 'audio') {
        // Where an engine does not count the sound's energy, nothing is known of it.
        const isKnown = before && totalAudioEnergy !== undefined;
        seen.sound = isKnown ? totalAudioEnergy - before.energy > SILENCE : undefined;
      } else if (kind === 'video') {
        seen.picture = before ? framesReceived > before.frames : undefined;
      }
    }
    this.#before = now;
    return seen;
  }
}

/** The energy of a second of -80 dB: less than any microphone's own noise. */
const SILENCE = 1e-8;
