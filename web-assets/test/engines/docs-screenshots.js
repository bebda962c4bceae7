/**
 * docs-screenshots.js [FOLDER]: the pictures of both pages in docs/page.md, at 320, 390 and 1280 pixels.
 * `node test/engines/docs-screenshots.js ../docs`
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Chromium } from './support/chromium.js';
import { LiveSource } from './support/live-source.js';
import { MockAgent } from './support/mock-agent.js';
import { Rendezvous } from './support/rendezvous.js';
import { assembleSite } from './support/site.js';

const shots = process.argv[2] ?? 'screenshots';
await mkdir(shots, { recursive: true });
const folder = await mkdtemp(join(tmpdir(), 'heliograph-screenshots-'));
const site = await assembleSite();
const source = new LiveSource(folder);
const own = new LiveSource(folder, { width: 320, height: 180, audio: false });
const agent = new MockAgent(site, source, own);
const rendezvous = new Rendezvous(site);
const page = await Chromium.open();
const host = await Chromium.open();

/** @param {string} name */
async function shoot(name) {
  for (const width of [320, 390, 1280]) {
    await page.setScreen({ width, height: width < 1000 ? 600 : 720 });
    // The new layout has been drawn, and the video in it.
    await page.evaluate(`for (let n = 0; n < 30; n++) await new Promise(requestAnimationFrame)`);
    await page.screenshot(join(shots, `screen-${name}-${width}.png`));
  }
}

/** @param {Chromium} browser @param {string} condition */
const until = (browser, condition) =>
  browser.evaluate(`while (!(${condition})) await new Promise((resolve) => setTimeout(resolve, 20))`);

/** @param {Chromium} browser @param {string} state */
const reach = (browser, state) => until(browser, `document.body.dataset.state === '${state}'`);

/** @param {Chromium} browser @param {string} id */
const press = (browser, id) => browser.evaluate(`document.getElementById('${id}').click()`);

try {
  await agent.start();
  await page.goto(`${agent.address}/demo/#token=${agent.token}`);
  await reach(page, 'idle');
  await shoot('demo-idle');
  agent.ring({ channel_id: 'c', remote_peer: 'Marie' });
  await reach(page, 'ringing');
  // A real click, within which the engine lets sound play.
  const [x, y] = await page.evaluate(`const box = document.getElementById('accept').getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2]`);
  await page.click(x, y);
  await until(page, `document.getElementById('remote').state === 'playing'`);
  agent.emit('recording', { channel_id: 'c', state: 'recording', files: ['/home/anna/recordings/Marie.webm'] });
  agent.sound = 'silence';
  await until(page, `!document.getElementById('recording').hidden && document.getElementById('other').textContent`);
  await shoot('demo-call');

  const address = await rendezvous.start();
  await page.goto(`${address}/remote/#token=x&peer=guest&call=Anna`);
  await host.goto(`${address}/remote/#token=x&peer=Anna&call=guest`);
  await Promise.all([reach(page, 'idle'), reach(host, 'idle')]);
  await shoot('guest-idle');
  await press(page, 'call');
  await reach(host, 'ringing');
  await press(host, 'accept');
  await Promise.all([reach(page, 'connected'), reach(host, 'connected')]);
  await press(host, 'mute');
  await until(page, `document.getElementById('other').textContent !== ''`);
  await shoot('guest-call');
} finally {
  await page.close();
  await host.close();
  agent.close();
  rendezvous.close();
  await rm(folder, { recursive: true });
  await rm(site, { recursive: true });
}
