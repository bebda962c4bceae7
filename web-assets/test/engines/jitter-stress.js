import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LiveSource } from './support/live-source.js';
import { MockAgent } from './support/mock-agent.js';
import { SoundServer } from './support/sound-server.js';
import { assembleSite, playerPage, playerReady } from './support/site.js';
import { openers } from './support/engines.js';

/**
 * A bad network, again and again: in each run a player begins, is fed with 60 ms of jitter and a stall of
 * 0.4 s a second, and must show what is sent now when that is over. `npm run test:jitter` makes
 * HELIOGRAPH_JITTER_RUNS (200) runs with each engine and format, four at a time: two cores that others use too
 * decode no more in WebKitGTK. HELIOGRAPH_JITTER_SEED makes another network.
 */

const RUNS = Number(process.env.HELIOGRAPH_JITTER_RUNS ?? 200);
const SEED = Number(process.env.HELIOGRAPH_JITTER_SEED ?? 1);
const AT_ONCE = 4;
const BAD_MS = 3000;
/** Far more than a new start takes: what is not back by then is stuck. */
const STUCK_MS = 15_000;

const folder = await mkdtemp(join(tmpdir(), 'heliograph-jitter-'));
const site = await assembleSite();
const sound = await SoundServer.open();
const source = new LiveSource(folder, { width: 160, height: 90 });

after(async () => {
  await sound.close();
  await rm(folder, { recursive: true });
  await rm(site, { recursive: true });
});

/** Numbers from 0 to 1 that look random, the same each time (Park and Miller). */
function* random(seed = SEED) {
  for (;;) {
    seed = (seed * 48_271) % 0x7fffffff;
    yield seed / 0x7fffffff;
  }
}

for (const [engine, open] of Object.entries(openers(site, sound))) {
  for (const format of ['webm', 'frames']) {
    describe(`${engine}, ${format}`, { timeout: RUNS * 10_000 }, () => {
      test(`${RUNS} players in jitter, and none is stuck`, async () => {
        const agent = new MockAgent(site, source, source);
        const attributes = { agent: await agent.start(), token: agent.token, format };
        const page = await open(agent, playerPage(attributes));
        const chance = random();
        const jitter = () => {
          const stalls = Date.now() % 1000 < 20;
          return (stalls ? 400 : 60) * Number(chance.next().value);
        };
        try {
          await playerReady(page);
          await page.evaluate(`
            document.body.style.cssText = 'display: grid; grid-template-columns: repeat(4, 160px)';
            window.players = Array.from({ length: ${AT_ONCE} }, () => {
              const player = video.cloneNode();
              player.style.cssText = 'width: 160px; height: 90px';
              document.body.append(player);
              return player;
            });
            video.remove();`);
          let rebuilds = 0;
          let slowestMs = 0;
          for (let run = 0; run < RUNS; run += AT_ONCE) {
            agent.delayMs = jitter;
            await page.evaluate(`players.forEach((player, i) => (player.channel = 'run-${run}-' + i))`);
            await new Promise((resolve) => setTimeout(resolve, BAD_MS));
            agent.delayMs = () => 0;
            const figures = await page.evaluate(`
              const age = (player) => {
                const code = pictureCode(player);
                return code === undefined ? Infinity : (Date.now() - (code * 1000) / 30 + 10000) % 10000;
              };
              const over = performance.now();
              let stuck = players;
              while (stuck.length > 0 && performance.now() - over < ${STUCK_MS}) {
                await new Promise((resolve) => setTimeout(resolve, 20));
                stuck = stuck.filter((player) => age(player) > 1000);
              }
              return { backMs: Math.round(performance.now() - over), stuck: stuck.map((player) => [player.channel, age(player), player.state, player.stats]),
                rebuilds: players.reduce((sum, player) => sum + player.stats.rebuilds, 0) };`);
            assert.deepEqual(figures.stuck, []);
            rebuilds += figures.rebuilds;
            slowestMs = Math.max(slowestMs, figures.backMs);
          }
          console.log(`${engine}, ${format}: ${RUNS} runs, ${rebuilds} new starts, the slowest back after ${slowestMs} ms`);
        } finally {
          await page.close();
          agent.close();
        }
      });
    });
  }
}
