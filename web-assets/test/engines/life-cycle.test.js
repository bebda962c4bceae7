import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LiveSource, TONE_HERTZ } from './support/live-source.js';
import { MockAgent } from './support/mock-agent.js';
import { SoundServer, toneShare } from './support/sound-server.js';
import { assembleSite, LIVE, playerPage, playerReady } from './support/site.js';
import { openers } from './support/engines.js';
import { putToSleep } from './support/process-tree.js';

/**
 * What happens to a page and to a stream in the middle of a call, in the real engines. Held by content:
 * codes read from the pixels tell that what is shown was sent just now, and a tone at the loudspeaker that
 * what is heard is the sender's.
 */

/** @typedef {import('./support/engines.js').Page} Page */

const folder = await mkdtemp(join(tmpdir(), 'heliograph-life-cycle-'));
const site = await assembleSite();
const sound = await SoundServer.open();
const both = new LiveSource(folder, { width: 320, height: 180 });
const larger = new LiveSource(folder, { width: 480, height: 270 });
const pictureAlone = new LiveSource(folder, { width: 320, height: 180, audio: false });
const soundAlone = new LiveSource(folder, { video: false });
const ENGINES = openers(site, sound);

after(async () => {
  await sound.close();
  await rm(folder, { recursive: true });
  await rm(site, { recursive: true });
});

/** The tone is heard at last. */
async function heard() {
  while (toneShare(await sound.listen(0.3), TONE_HERTZ) < 0.9);
}

/** Nothing is heard at last. */
async function unheard() {
  while ((await sound.listen(0.3)).some((sample) => Math.abs(sample) > 200));
}

/** Ten pictures, one after the other, that were sent just now. @param {Page} page */
const live = (page) => page.evaluate(`await ${LIVE}`);

/** What a page is like that did not get where it should. */
const CONDITION = `return { title: document.title, hidden: document.hidden, state: window.video?.state,
  sound: window.video?.sound, stats: window.video?.stats, picture: window.pictureCode?.(),
  elements: [...(window.video?.shadowRoot.querySelectorAll('video') ?? [])].map((element) => ({
    time: element.currentTime, paused: element.paused, muted: element.muted, volume: element.volume,
    ready: element.readyState, buffered: element.buffered.length && element.buffered.end(0) })) }`;

for (const [engine, open] of Object.entries(ENGINES)) {
  for (const format of ['frames', 'webm']) {
    describe(`${engine}, ${format}`, () => {
      /** @type {MockAgent} */ let agent;
      /** @type {Page} */ let page;
      let address = '';

      before(async () => {
        agent = new MockAgent(site, both, both);
        const attributes = { channel: 'c', agent: await agent.start(), token: agent.token, format };
        address = playerPage(attributes);
        page = await open(agent, address);
        await playerReady(page);
        await soundIsOn(page);
      });

      after(async () => {
        await page?.close();
        agent.close();
      });

      beforeEach(() => (agent.messages.length = 0));

      /**
       * A page that does not get where it should would be waited for without end.
       * @param {string} name
       * @param {() => Promise<void>} body
       */
      const held = (name, body) =>
        test(name, { timeout: 40_000 }, async () => {
          if (await inTime(body(), 30_000)) return;
          const condition = await inTime(page.evaluate(CONDITION).then(JSON.stringify), 5000);
          assert.fail(`still waiting after 30 s: ${condition ?? 'the page does not answer'}; ${agent.subscribers.size} connected`);
        });

      /** @param {Page} which */
      async function soundIsOn(which) {
        await which.evaluate(`await event('playing'); await when(() => video.sound !== 'muted')`);
        if ((await which.evaluate('return video.sound')) === 'blocked') await which.click(320, 325);
        await which.evaluate(`await when(() => video.sound === 'on')`);
      }

      const message = () =>
        page.evaluate(`return video.shadowRoot.querySelector('#message').textContent`);

      held('shows what is sent now, and sounds like it', async () => {
        await live(page);
        await heard();
      });

      held('the user mutes it and takes it back', async () => {
        await page.evaluate('video.muted = true');
        await unheard();
        await live(page);
        await page.evaluate('video.muted = false');
        await heard();
        await live(page);
      });

      held('the volume is that of this element', async () => {
        await page.evaluate('video.volume = 0');
        await unheard();
        await page.evaluate('video.volume = 1');
        await heard();
      });

      held('the sender mutes itself, by silence and by sending next to nothing', async () => {
        for (const kind of ['silence', 'dtx']) {
          agent.sound = kind;
          await unheard();
          await live(page);
          agent.sound = 'tone';
          await heard();
        }
        await live(page);
      });

      held('the picture changes its size and back', async () => {
        for (const [source, width, height] of /** @type {const} */ ([[larger, 480, 270], [both, 320, 180]])) {
          await page.evaluate(`window.sizes = []; video.addEventListener('resize', (e) => sizes.push(e.detail))`);
          agent.change(source);
          await page.evaluate(`await when(() => sizes.some((s) => s.width === ${width} && s.height === ${height}))`);
          await live(page);
        }
        await heard();
      });

      held('the picture goes and comes back, and the sound goes on', async () => {
        agent.change(soundAlone);
        await page.evaluate(`await when(() => video.shadowRoot.querySelector('#message').textContent.startsWith('Sound only'))`);
        await heard();
        agent.change(both);
        await live(page);
        await heard();
        await page.evaluate(`await when(() => video.shadowRoot.querySelector('#message').textContent === '')`);
      });

      held('the sound goes and comes back, and the picture goes on', async () => {
        agent.change(pictureAlone);
        await unheard();
        await live(page);
        agent.change(both);
        await heard();
        await live(page);
      });

      held('an outage of a second and a half is over when it is over', async () => {
        await agent.outage(1500);
        await live(page);
        await heard();
        assert.equal(await message(), '');
      });

      held('a hidden page is still heard, and shows at once what is sent when it is seen again', async () => {
        await page.setVisible(false);
        await heard();
        await page.setVisible(true);
        await live(page);
        assert.deepEqual(agent.messages.filter(({ type }) => type === 'pause'), []);
      });

      held('a hidden page that is muted is sent nothing', async () => {
        await page.evaluate('video.muted = true');
        await page.setVisible(false);
        await agent.told('pause');
        await page.setVisible(true);
        await agent.told('resume');
        await live(page);
        await page.evaluate('video.muted = false');
        await heard();
      });

      held('a laptop that slept for three seconds shows what is sent now', async () => {
        await putToSleep(page.pid, 3000);
        await live(page);
        await heard();
      });

      held('a second window shows the same call, and the first goes on when it closes', async () => {
        const second = await open(agent, address);
        try {
          await playerReady(second);
          await live(second);
          await live(page);
          assert.equal(agent.subscribers.size, 2);
        } finally {
          await second.close();
        }
        await live(page);
        await heard();
      });

      held('the page is loaded again', async () => {
        await page.evaluate('window.ready = false; setTimeout(() => location.reload())');
        await playerReady(page);
        await live(page);
      });

      held('a page that joins a call of sound alone hears it, and one of a picture alone shows it', async () => {
        for (const source of [soundAlone, pictureAlone]) {
          agent.change(source);
          await page.evaluate('window.ready = false; setTimeout(() => location.reload())');
          await playerReady(page);
          if (source === pictureAlone) {
            await live(page);
          } else {
            await soundIsOn(page);
            await heard();
          }
        }
        agent.change(both);
        await live(page);
      });

      held('the user goes elsewhere and comes back', async () => {
        const here = await page.evaluate('return location.href');
        await page.goto(new URL('away.html', here).href);
        while ((await page.evaluate('return document.title')) !== 'Away') await pause(50);
        await agent.left();
        await page.evaluate('setTimeout(() => history.back())');
        await playerReady(page);
        await live(page);
      });
    });
  }
}

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * @param {Promise<unknown>} work
 * @param {number} ms
 * @returns {Promise<any>} what it came to, or true; undefined when it takes longer
 */
async function inTime(work, ms) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const late = new Promise((resolve) => (timer = setTimeout(() => resolve(undefined), ms)));
  try {
    return await Promise.race([work.then((value) => value ?? true), late]);
  } finally {
    clearTimeout(timer);
  }
}
