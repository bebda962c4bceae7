/** What `<heliograph-video>` shows: the picture, words over it, and the button for the sound. */

const STYLES = `
:host { display: block; position: relative; overflow: hidden; background: #14181d; color: #f2f4f6;
  font: 500 0.95rem/1.45 system-ui, sans-serif; aspect-ratio: 16 / 9; }
:host([hidden]) { display: none; }
#stage, #stage > *, video { position: absolute; inset: 0; width: 100%; height: 100%; }
#stage > canvas, video { object-fit: var(--heliograph-fit, contain); }
/* What takes over later stays behind until then. */
video:first-child { z-index: 1; }
:host([mirrored]) #stage { transform: scaleX(-1); }
[hidden] { display: none !important; }
#stage.dimmed { opacity: 0.35; transition: opacity 0.4s; }
#message { position: absolute; inset: auto 0; top: 50%; transform: translateY(-50%); margin: 0 auto;
  padding: 0.5em 1.2em; max-width: 34em; text-align: center; text-wrap: balance;
  text-shadow: 0 1px 6px #000a; }
#sound { position: absolute; left: 50%; bottom: var(--heliograph-sound-bottom, max(1rem, 6%)); transform: translateX(-50%);
  display: flex; gap: 0.55em; align-items: center; padding: 0.65em 1.2em; border: 0;
  border-radius: 999px; background: #fff; color: #14181d; font: inherit; font-weight: 600;
  white-space: nowrap; cursor: pointer; box-shadow: 0 4px 18px #0007; }
#sound:hover { background: #e8edf2; }
#sound:focus-visible { outline: 3px solid #6db1ff; outline-offset: 3px; }
#sound svg { width: 1.25em; height: 1.25em; }
@media (prefers-reduced-motion: reduce) { #stage.dimmed { transition: none; } }
`;

const MARKUP = `
<div id="stage" part="stage"></div>
<p id="message" part="message" role="status"></p>
<button id="sound" part="sound" type="button" hidden>
  <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round"
    stroke-linejoin="round" aria-hidden="true"><path d="M11 5 6 9H3v6h3l5 4z"/><path d="m16 9 5 6m0-6-5 6"/></svg>
  <span>Click for sound</span>
</button>`;

/** Made by script, so that a page whose Content-Security-Policy allows no inline style has it too. @type {CSSStyleSheet} */
let styles;

export class VideoView {
  #stage;
  #message;
  #soundButton;

  /**
   * @param {ShadowRoot} root
   * @param {() => void} soundWanted the user clicked for sound
   */
  constructor(root, soundWanted) {
    if (!styles) {
      styles = new CSSStyleSheet();
      styles.replaceSync(STYLES);
    }
    root.adoptedStyleSheets = [styles];
    root.innerHTML = MARKUP;
    this.#stage = /** @type {HTMLElement} */ (root.getElementById('stage'));
    this.#message = /** @type {HTMLElement} */ (root.getElementById('message'));
    this.#soundButton = /** @type {HTMLButtonElement} */ (root.getElementById('sound'));
    this.#soundButton.addEventListener('click', soundWanted);
  }

  /** @param {HTMLElement} picture */
  show(picture) {
    picture.setAttribute('part', 'picture');
    this.#stage.replaceChildren(picture);
  }

  /** @param {string} words over the dimmed picture; none for the picture alone */
  say(words) {
    // A screen reader reads what changes, and nothing else.
    if (this.#message.textContent !== words) this.#message.textContent = words;
    this.#stage.classList.toggle('dimmed', words !== '');
  }

  /** @param {boolean} offered */
  offerSound(offered) {
    this.#soundButton.hidden = !offered;
  }
}
