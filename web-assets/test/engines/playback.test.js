import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LiveSource, TONE_HERTZ } from './support/live-source.js';
import { MockAgent } from './support/mock-agent.js';
import { SoundServer, toneShare } from './support/sound-server.js';
import { assembleSite, playerPage, playerReady } from './support/site.js';
import { openers, unacceleratedOpener } from './support/engines.js';

/** The element in the real engines, over a real WebSocket, in both formats. */

const folder = await mkdtemp(join(tmpdir(), 'heliograph-playback-'));
const site = await assembleSite();
const sound = await SoundServer.open();
const source = new LiveSource(folder);
const ownSource = new LiveSource(folder, { width: 320, height: 180, audio: false });
const UNACCELERATED = 'WebKitGTK without acceleration';
const ENGINES = { ...openers(site, sound), [UNACCELERATED]: unacceleratedOpener(site, sound) };

after(async () => {
  await sound.close();
  await rm(folder, { recursive: true });
  await rm(site, { recursive: true });
});

/** Bright and dark share of what is shown, read back from pixels: a black picture has one value. */
const PICTURE = `
  const shown = video.shadowRoot.querySelector('#stage video, #stage canvas');
  const copy = document.createElement('canvas');
  [copy.width, copy.height] = [64, 36];
  const drawing = copy.getContext('2d');
  drawing.drawImage(shown, 0, 0, 64, 36);
  return new Set(drawing.getImageData(0, 0, 64, 36).data).size`;

for (const [engine, open] of Object.entries(ENGINES)) {
  test(`${engine}: an agent that decodes no sound is played as WebM`, { timeout: 60_000 }, async () => {
    const agent = new MockAgent(site, source, ownSource);
    agent.decodesSound = false;
    const page = await open(agent, playerPage({ channel: 'c', agent: await agent.start(), token: agent.token }));
    try {
      await playerReady(page);
      await page.evaluate(`await event('playing'); await when(() => video.stats.format === 'webm')`);
      assert.match(await page.evaluate(`return (await event('error')).detail.words`), /libopus/);
      await page.evaluate(`await when(() => video.sound !== 'muted')`);
      if ((await page.evaluate('return video.sound')) === 'blocked') await page.click(320, 330);
      await page.evaluate(`await when(() => video.sound === 'on')`);
      let share = 0;
      while (share < 0.9) share = toneShare(await sound.listen(0.5), TONE_HERTZ);
    } finally {
      await page.close();
      agent.close();
    }
  });

  for (const format of engine === UNACCELERATED ? ['webm'] : ['frames', 'webm']) {
    // A page that does not get where it should would be waited for without end.
    describe(`${engine}, ${format}`, { timeout: 120_000 }, () => {
      /** @type {MockAgent} */ let agent;
      /** @type {import('./support/engines.js').Page} */ let page;
      /** @param {string} name */
      const happened = (name) => page.evaluate(`return (await event(${JSON.stringify(name)})).name`);
      const forget = () => page.evaluate('events.length = 0');

      before(async () => {
        agent = new MockAgent(site, source, ownSource);
        await agent.start();
        const { address, token } = agent;
        page = await open(agent, playerPage({ channel: 'c', agent: address, token, format }));
        await playerReady(page);
      });

      after(async () => {
        await page?.close();
        agent.close();
      });

      test('shows the picture', async () => {
        assert.equal(await happened('playing'), 'playing');
        assert.equal(await page.evaluate('return video.stats.format'), format);
        assert.ok((await page.evaluate(PICTURE)) > 20);
      });

      test('sounds, after a click where the engine wants one', async () => {
        await page.evaluate(`await when(() => video.sound !== 'muted')`);
        if ((await page.evaluate('return video.sound')) === 'blocked') {
          assert.equal(
            await page.evaluate(`return video.shadowRoot.querySelector('#sound').innerText.trim()`),
            'Click for sound',
          );
          await page.click(320, 330);
        }
        assert.equal(await happened('soundon'), 'soundon');
        let share = 0;
        while (share < 0.9) share = toneShare(await sound.listen(0.5), TONE_HERTZ);
      });

      test('tells the agent once a second how it gets on', async () => {
        const feedback = await page.evaluate('return 1').then(async () => {
          let found;
          while (!(found = agent.messages.findLast((m) => m.type === 'feedback' && m.shown > 0))) {
            await new Promise((resolve) => setTimeout(resolve, 100));
          }
          return found;
        });
        for (const field of ['buffered', 'shown', 'dropped', 'clock']) {
          assert.equal(typeof feedback[field], 'number', field);
        }
      });

      test('goes on when the connection breaks', async () => {
        await forget();
        const [broken] = agent.subscribers;
        broken.connection.destroy();
        assert.equal(await happened('playing'), 'playing');
        const [back] = agent.subscribers;
        assert.notEqual(back, broken);
        const before = await page.evaluate('return video.stats.shown');
        await page.evaluate(`await when(() => video.stats.shown > ${before} + 20)`);
      });

      test('goes on when the tracks are announced anew and time begins at 0', async () => {
        const before = await page.evaluate('return video.stats.shown');
        for (const subscriber of agent.subscribers) subscriber.restart();
        await page.evaluate(`await when(() => video.stats.shown > ${before} + 20)`);
        assert.ok((await page.evaluate(PICTURE)) > 20);
      });

      test('says so when no picture comes any more, and when it comes again', async () => {
        await forget();
        for (const subscriber of agent.subscribers) subscriber.isPaused = true;
        assert.equal(await happened('stalled'), 'stalled');
        assert.match(
          await page.evaluate(`return video.shadowRoot.querySelector('#message').textContent`),
          /no picture/,
        );
        for (const subscriber of agent.subscribers) subscriber.receive({ type: 'resume' });
        assert.equal(await happened('playing'), 'playing');
        assert.equal(
          await page.evaluate(`return video.shadowRoot.querySelector('#message').textContent`),
          '',
        );
      });

      test('ends when the call does, and says so', async () => {
        agent.end('c', 'hung_up');
        assert.equal(await happened('ended'), 'ended');
        assert.match(
          await page.evaluate(`return video.shadowRoot.querySelector('#message').textContent`),
          /ended/,
        );
      });

      test('a token that the agent refuses is told in words', async () => {
        await forget();
        await page.evaluate(`video.token = 'wrong'; video.channel = 'other'`);
        assert.equal(await happened('error'), 'error');
        assert.match(
          await page.evaluate(`return video.shadowRoot.querySelector('#message').textContent`),
          /token/,
        );
      });
    });
  }
}
