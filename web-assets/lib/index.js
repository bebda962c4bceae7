/** The page's library of Heliograph. Importing it defines the element `<heliograph-video>`. */
import { HeliographVideo } from './heliograph-video.js';

export { HeliographClient } from './heliograph-client.js';
export { HeliographError } from './heliograph-error.js';
export { pageSound } from './page-sound.js';
export { HeliographVideo };

if (globalThis.customElements && !customElements.get('heliograph-video')) {
  customElements.define('heliograph-video', HeliographVideo);
}
