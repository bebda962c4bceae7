/**
 * measure.js: time to the first picture and delay of the picture, in each engine and format, while the
 * stand-in agent sends 640x360 at 30 fps. Prints a line each. `node test/engines/measure.js`
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Chromium } from './support/chromium.js';
import { LiveSource } from './support/live-source.js';
import { MockAgent } from './support/mock-agent.js';
import { SoundServer } from './support/sound-server.js';
import { Webview } from './support/webview.js';
import { assembleSite, PICTURE_AGE, playerPage, playerReady } from './support/site.js';

const folder = await mkdtemp(join(tmpdir(), 'heliograph-measure-'));
const site = await assembleSite();
const sound = await SoundServer.open();
const agent = new MockAgent(
  site,
  new LiveSource(folder),
  new LiveSource(folder, { width: 320, height: 180, audio: false }),
);
const address = await agent.start();

/** @type {Record<string, (page: string) => Promise<Chromium | Webview>>} */
const OPENERS = {
  Chromium: async (page) => {
    const browser = await Chromium.open();
    await browser.goto(`${address}/${page}`);
    return browser;
  },
  WebKitGTK: (page) =>
    Webview.open(site, `wails://wails/${page}`, { environment: sound.environment }),
};

try {
  for (const [name, open] of Object.entries(OPENERS)) {
    if (process.argv[2] && process.argv[2] !== name) continue;
    for (const format of ['frames', 'webm']) {
      const attributes = { channel: 'c', agent: address, token: agent.token, format };
      const page = await open(playerPage(attributes));
      await playerReady(page);
      const first = await page.evaluate(`return (await event('playing')).at - startedAt`);
      await page.evaluate(`await when(() => video.sound !== 'muted')`);
      const asked = await page.evaluate(`return video.sound`);
      if (asked === 'blocked') await page.click(320, 325);
      await page.evaluate(`await event('soundon')`);
      const heard = await delay(page);
      await page.evaluate('video.muted = true');
      const silent = await delay(page);
      console.log(
        `${name} ${format}: first picture after ${first.toFixed(0)} ms, sound at first ${asked},`,
        `delay silent ${JSON.stringify(silent)}, heard ${JSON.stringify(heard)}`,
      );
      await page.close();
    }
  }
} finally {
  agent.close();
  await sound.close();
  await rm(folder, { recursive: true });
  await rm(site, { recursive: true });
}

/**
 * Sent to shown, sampled for five seconds, by the code in the picture.
 * @param {{evaluate: (body: string) => Promise<any>}} page
 */
async function delay(page) {
  return page.evaluate(`
    const seen = [];
    let shown = -1;
    await new Promise((resolve) => setTimeout(resolve, 4000));
    const until = performance.now() + 5000;
    while (performance.now() < until) {
      await new Promise(requestAnimationFrame);
      const code = pictureCode();
      if (code !== undefined && code !== shown) seen.push(${PICTURE_AGE});
      shown = code;
    }
    seen.sort((a, b) => a - b);
    const { skew, audioTarget, audioSpeed, audioUnderruns, level } = video.stats;
    return { skew, audioTarget, audioSpeed, audioUnderruns, level, pictures: seen.length, p50: Math.round(seen[seen.length >> 1]),
      p95: Math.round(seen[Math.floor(seen.length * 0.95)]) };`);
}
