import { after, before, describe, test } from 'node:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Chromium } from './support/chromium.js';
import { LiveSource } from './support/live-source.js';
import { MockAgent } from './support/mock-agent.js';
import { SoundServer, onsets } from './support/sound-server.js';
import { Webview } from './support/webview.js';
import { assembleSite, playerPage, playerReady } from './support/site.js';

/**
 * Lips and voice in the real engines, by content: flashes are read from the pixels that are shown, beeps
 * are recorded from the loudspeaker.
 */

/** @type {string} */ let folder;
/** @type {string} */ let site;
/** @type {SoundServer} */ let sound;
/** @type {LiveSource} */ let source;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heliograph-lips-'));
  site = await assembleSite();
  sound = await SoundServer.open();
  source = new LiveSource(folder, { clapper: true });
});

after(async () => {
  await sound.close();
  await rm(folder, { recursive: true });
  await rm(site, { recursive: true });
});

/** @type {Record<string, (agent: MockAgent, page: string) => Promise<Chromium | Webview>>} */
const ENGINES = {
  Chromium: async (agent, page) => {
    const browser = await Chromium.open({ environment: sound.environment });
    await browser.goto(`${agent.address}/${page}`);
    return browser;
  },
  WebKitGTK: (_, page) =>
    Webview.open(site, `wails://wails/${page}`, { environment: sound.environment }),
};

/** Notes when the picture becomes white, in milliseconds since 1970. */
const WATCH_FLASHES = `
  const canvas = video.shadowRoot.querySelector('#stage canvas');
  const copy = document.createElement('canvas');
  [copy.width, copy.height] = [2, 2];
  const drawing = copy.getContext('2d', { willReadFrequently: true });
  window.flashes = [];
  let wasWhite = true;
  const look = () => {
    drawing.drawImage(canvas, 0, 0, 2, 2);
    const isWhite = drawing.getImageData(0, 0, 1, 1).data[0] > 128;
    if (isWhite && !wasWhite) flashes.push(performance.timeOrigin + performance.now());
    wasWhite = isWhite;
    requestAnimationFrame(look);
  };
  look();`;

/**
 * By how much the flashes were earlier than their beeps, in milliseconds: the median of four seconds.
 * @param {Chromium | Webview} page
 */
async function pictureLead(page) {
  await page.evaluate('flashes.length = 0');
  const { samples, startedMs } = await sound.record(4);
  const flashes = /** @type {number[]} */ (await page.evaluate('return flashes'));
  const leads = onsets(samples).map((onset) =>
    flashes.map((flash) => startedMs + onset - flash).reduce((a, b) => (Math.abs(a) < Math.abs(b) ? a : b), NaN),
  );
  return leads.sort((a, b) => a - b)[leads.length >> 1];
}

for (const [engine, open] of Object.entries(ENGINES)) {
  // What does not fall in step would be waited for without end.
  describe(`${engine}, lips and voice`, { timeout: 120_000 }, () => {
    /** @type {MockAgent} */ let agent;
    /** @type {Chromium | Webview} */ let page;

    before(async () => {
      agent = new MockAgent(site, source, source);
      await agent.start();
      const { address, token } = agent;
      page = await open(agent, playerPage({ channel: 'c', agent: address, token, format: 'frames' }));
      await playerReady(page);
      await page.evaluate(`await event('playing')`);
    });

    after(async () => {
      await page?.close();
      agent.close();
    });

    test('one click beside the buttons is for all streams of the page', async () => {
      await page.evaluate(`
        window.other = video.cloneNode();
        document.body.append(other);
        await when(() => [video, other].every(({ sound }) => sound !== 'muted'))`);
      await page.click(320, 100);
      await page.evaluate(`await when(() => [video, other].every(({ sound }) => sound === 'on'))`);
      await page.evaluate('other.remove()');
    });

    test('are within 40 ms of each other', async (t) => {
      await page.evaluate(WATCH_FLASHES);
      for (let lead = NaN; !(Math.abs(lead) <= 40); ) {
        lead = await pictureLead(page);
        const { latency, skew } = await page.evaluate('return video.stats');
        t.diagnostic(
          `picture ${lead.toFixed(0)} ms before sound, shown ${(latency * 1000).toFixed(0)} ms after it came; ` +
            `the page takes them to be ${(skew * 1000).toFixed(0)} ms apart`,
        );
      }
    });

    test('a deafened page is silent, and knows how loud it is', async () => {
      const deafened = (/** @type {boolean} */ value) =>
        page.evaluate(`(await import('/lib/index.js')).pageSound.deafened = ${value}`);
      await deafened(true);
      while (onsets((await sound.record(1.5)).samples).length > 0);
      await page.evaluate('await when(() => video.level > 0.1)');
      await page.evaluate('await when(() => video.level < 0.001)');
      await deafened(false);
      while (onsets((await sound.record(1.5)).samples).length === 0);
    });
  });
}
