/**
 * soak.js [MINUTES] [ENGINE]: one element plays `format=frames` with sound for half an hour, and nothing may grow.
 * Prints its figures once a minute. `node test/engines/soak.js`; by name only, because it takes its time.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { Chromium } from './support/chromium.js';
import { LiveSource } from './support/live-source.js';
import { MockAgent } from './support/mock-agent.js';
import { SoundServer } from './support/sound-server.js';
import { Webview } from './support/webview.js';
import { assembleSite, playerPage, playerReady } from './support/site.js';

const minutes = Number(process.argv[2] ?? 30);
const engine = process.argv[3] ?? 'WebKitGTK';
const folder = await mkdtemp(join(tmpdir(), 'heliograph-soak-'));
const site = await assembleSite();
const sound = await SoundServer.open();
const source = new LiveSource(folder);
const agent = new MockAgent(site, source, source);
const address = await agent.start();
const url = playerPage({ channel: 'c', agent: address, token: agent.token, format: 'frames' });
const { environment } = sound;
/** @type {Chromium | Webview | undefined} */
let page;

try {
  if (engine === 'Chromium') {
    page = await Chromium.open({ environment });
    await page.goto(`${address}/${url}`);
  } else {
    page = await Webview.open(site, `wails://wails/${url}`, { environment });
  }
  await playerReady(page);
  await page.evaluate(`await event('playing')`);
  await page.click(320, 100);
  await page.evaluate(`await event('soundon')`);
  const latencies = [];
  for (let minute = 1; minute <= minutes; minute++) {
    await pass(60_000);
    const stats = await page.evaluate('return video.stats');
    console.log(minute, JSON.stringify(stats));
    latencies.push(stats.latency);
  }
  const third = Math.ceil(latencies.length / 3);
  const median = (/** @type {number[]} */ values) => values.sort((a, b) => a - b)[values.length >> 1];
  const growth = median(latencies.slice(-third)) - median(latencies.slice(0, third));
  console.log(`The delay has grown by ${(growth * 1000).toFixed(1)} ms.`);
  assert.ok(growth < 0.02);
} finally {
  await page?.close();
  agent.close();
  await sound.close();
  await rm(folder, { recursive: true });
  await rm(site, { recursive: true });
}
