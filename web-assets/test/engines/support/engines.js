import { Chromium } from './chromium.js';
import { Webview } from './webview.js';

/** The real engines, each with a page of the site, and with a loudspeaker that can be listened to. */

/** @typedef {Chromium | Webview} Page */

/** @typedef {(agent: import('./mock-agent.js').MockAgent, page: string) => Promise<Page>} Opener */

/**
 * @param {string} site
 * @param {import('./sound-server.js').SoundServer} sound
 * @returns {Record<string, Opener>}
 */
export const openers = (site, sound) => ({
  Chromium: async (agent, page) => {
    const browser = await Chromium.open({ environment: sound.environment });
    await browser.goto(`${agent.address}/${page}`);
    return browser;
  },
  WebKitGTK: (_, page) =>
    Webview.open(site, `wails://wails/${page}`, { environment: sound.environment }),
});

/**
 * WebKitGTK without acceleration: what Wails has by default.
 * @param {string} site
 * @param {import('./sound-server.js').SoundServer} sound
 * @returns {Opener}
 */
export const unacceleratedOpener = (site, sound) => (_, page) =>
  Webview.open(site, `wails://wails/${page}`, {
    environment: sound.environment,
    acceleration: 'never',
  });
