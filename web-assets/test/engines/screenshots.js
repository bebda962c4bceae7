/**
 * screenshots.js FOLDER: both pages in each state, light and dark, on a desk and on a phone, for a
 * person to look at. `node test/engines/screenshots.js /tmp/shots`
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Chromium } from './support/chromium.js';
import { LiveSource } from './support/live-source.js';
import { MockAgent } from './support/mock-agent.js';
import { assembleSite } from './support/site.js';

const shots = process.argv[2] ?? 'screenshots';
await mkdir(shots, { recursive: true });
const folder = await mkdtemp(join(tmpdir(), 'heliograph-screenshots-'));
const site = await assembleSite();
const source = new LiveSource(folder);
const own = new LiveSource(folder, { width: 320, height: 180, audio: false });
const agent = new MockAgent(site, source, own);
const address = await agent.start();
const browser = await Chromium.open();

const SCREENS = {
  'desk-light': { width: 1200, height: 760 },
  'desk-dark': { width: 1200, height: 760, dark: true },
  'phone-light': { width: 390, height: 780, scale: 2 },
  'phone-dark': { width: 390, height: 780, scale: 2, dark: true },
};

/** @param {string} page */
async function shoot(page) {
  for (const [name, screen] of Object.entries(SCREENS)) {
    await browser.setScreen(screen);
    await browser.evaluate('await new Promise((r) => setTimeout(r, 400))');
    await browser.screenshot(join(shots, `${page}-${name}.png`));
  }
}

/** @param {string} state */
const reach = (state) =>
  browser.evaluate(`while (document.body.dataset.state !== ${JSON.stringify(state)})
    await new Promise((r) => setTimeout(r, 30))`);

try {
  await browser.goto(`${address}/demo/#token=${agent.token}`);
  await reach('idle');
  await shoot('demo-idle');
  agent.ring({ channel_id: 'c', remote_peer: 'Marie' });
  await reach('ringing');
  await shoot('demo-ringing');
  await browser.evaluate(`document.getElementById('accept').click()`);
  await reach('connected');
  await browser.evaluate(`while (document.getElementById('remote').state !== 'playing')
    await new Promise((r) => setTimeout(r, 30))`);
  await shoot('demo-call');
  agent.emit('error', {
    channel_id: 'c',
    code: 'device_gone',
    detail: 'The camera /dev/video0 was unplugged. The call goes on without it.',
    hint: 'Plug it in again and turn the camera on.',
  });
  await shoot('demo-trouble');
  agent.end('c', 'connection_lost');
  await reach('idle');
  await browser.goto(`${address}/remote/#token=x&peer=guest&call=heliograph`);
  await shoot('remote-offline');
  await browser.evaluate(`document.body.dataset.state; heliographCall.receive({ channel_id: 'r',
    from: 'heliograph', to: 'guest', payload: { type: 'call-request', media: { audio: true, video: true } } })`);
  await reach('ringing');
  await shoot('remote-ringing');
  await browser.evaluate(`document.getElementById('accept').click()`);
  await reach('connecting');
  await shoot('remote-call');
  for (const line of browser.console) console.log(line);
} finally {
  await browser.close();
  agent.close();
  await rm(folder, { recursive: true });
  await rm(site, { recursive: true });
}
