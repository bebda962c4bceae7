/**
 * soak.js [MINUTES] [ENGINE] [FORMAT]: one element plays a call with sound for half an hour, and neither its delay nor the
 * memory of the engine's processes may grow. Prints its figures once a minute. `node test/engines/soak.js` takes
 * WebKitGTK and `frames`; by name only, because it takes its time.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { LiveSource } from './support/live-source.js';
import { MockAgent } from './support/mock-agent.js';
import { SoundServer } from './support/sound-server.js';
import { assembleSite, playerPage, playerReady } from './support/site.js';
import { openers } from './support/engines.js';
import { residentMegabytes } from './support/process-tree.js';

/** @typedef {import('./support/engines.js').Page} Page */

const LOOKS_A_MINUTE = 12;
const minutes = Number(process.argv[2] ?? 30);
const engine = process.argv[3] ?? 'WebKitGTK';
const format = process.argv[4] ?? 'frames';
const folder = await mkdtemp(join(tmpdir(), 'heliograph-soak-'));
const site = await assembleSite();
const sound = await SoundServer.open();
const source = new LiveSource(folder);
const agent = new MockAgent(site, source, source);
const url = playerPage({ channel: 'c', agent: await agent.start(), token: agent.token, format });
/** @type {Page | undefined} */
let page;

try {
  page = await openers(site, sound)[engine](agent, url);
  await playerReady(page);
  await page.evaluate(`await event('playing')`);
  await page.evaluate(`await when(() => video.sound !== 'muted')`);
  if ((await page.evaluate('return video.sound')) === 'blocked') await page.click(320, 325);
  await page.evaluate(`await when(() => video.sound === 'on')`);
  /** @type {number[]} */
  const delays = [];
  /** @type {number[]} */
  const megabytes = [];
  for (let look = 1; look <= minutes * LOOKS_A_MINUTE; look++) {
    await pass(60_000 / LOOKS_A_MINUTE);
    const stats = await page.evaluate('return video.stats');
    delays.push(stats.latency * 1000);
    megabytes.push(residentMegabytes(page.pid));
    if (look % LOOKS_A_MINUTE > 0) continue;
    console.log(look / LOOKS_A_MINUTE, `${megabytes.at(-1)} MB`, JSON.stringify(stats));
  }
  const [delay, memory] = [growth(delays), growth(megabytes)];
  console.log(`The delay has grown by ${delay.toFixed(1)} ms, the memory by ${memory.toFixed(0)} MB.`);
  assert.ok(delay < 30);
  // Engines free what they have when they like.
  assert.ok(memory < 60);
} finally {
  await page?.close();
  agent.close();
  await sound.close();
  await rm(folder, { recursive: true });
  await rm(site, { recursive: true });
}

/**
 * The median of the last third less that of the first.
 * @param {number[]} figures
 */
function growth(figures) {
  const third = Math.ceil(figures.length / 3);
  const median = (/** @type {number[]} */ values) => values.sort((a, b) => a - b)[values.length >> 1];
  return median(figures.slice(-third)) - median(figures.slice(0, third));
}
