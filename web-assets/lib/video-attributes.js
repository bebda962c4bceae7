/** A program without a document (Node, a server that renders pages) may import the library, too. */
const Base = globalThis.HTMLElement ?? /** @type {typeof HTMLElement} */ (/** @type {unknown} */ (Object));

/**
 * The attributes of `<heliograph-video>`, and the properties that stand for them (docs/page.md). What
 * follows from a change of them is the element's own affair: `sourceChanged` and `mutedChanged`.
 */
export class VideoAttributes extends Base {
  static observedAttributes = ['channel', 'stream', 'format', 'agent', 'token', 'muted'];

  #token = '';

  /**
   * @param {string} name
   * @param {string | null} before
   * @param {string | null} now
   */
  attributeChangedCallback(name, before, now) {
    if (before === now || !this.isConnected) return;
    if (name === 'muted') this.mutedChanged();
    else this.sourceChanged();
  }

  /** @protected another stream, or another way to it */
  sourceChanged() {}

  /** @protected */
  mutedChanged() {}

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
    if (this.isConnected) this.sourceChanged();
  }

  /** True when the page wants no sound. A sound that waits for the user's click is not muted. */
  get muted() {
    return this.hasAttribute('muted');
  }

  set muted(value) {
    this.toggleAttribute('muted', value);
  }

  /**
   * @param {string} name
   * @param {string} value
   */
  #reflect(name, value) {
    if (value) this.setAttribute(name, value);
    else this.removeAttribute(name);
  }
}
