import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Chromium } from './support/chromium.js';
import { LiveSource } from './support/live-source.js';
import { MockAgent } from './support/mock-agent.js';
import { TOO_WIDE, assembleSite } from './support/site.js';

/** What the demo page tells its user. */
describe('the demo page', { timeout: 120_000 }, () => {
  /** @type {string} */ let folder;
  /** @type {string} */ let site;
  /** @type {MockAgent} */ let agent;
  /** @type {Chromium} */ let page;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'heliograph-demo-'));
    site = await assembleSite();
    const own = new LiveSource(folder, { width: 320, height: 180, audio: false });
    agent = new MockAgent(site, new LiveSource(folder), own);
    await agent.start();
    page = await Chromium.open();
    await page.goto(`${agent.address}/demo/#token=${agent.token}`);
    await reach('idle');
  });

  after(async () => {
    await page?.close();
    agent.close();
    await rm(folder, { recursive: true });
    await rm(site, { recursive: true });
  });

  /** @param {string} condition */
  const until = (condition) =>
    page.evaluate(`while (!(${condition})) await new Promise((resolve) => setTimeout(resolve, 20))`);

  /** @param {string} state */
  const reach = (state) => until(`document.body.dataset.state === '${state}'`);

  const words = (/** @type {string} */ id) => `document.getElementById('${id}').textContent`;

  /** @param {string} id */
  const click = async (id) => {
    const [x, y] = await page.evaluate(`const box = document.getElementById('${id}').getBoundingClientRect();
      return [box.x + box.width / 2, box.y + box.height / 2]`);
    await page.click(x, y);
  };

  /** @param {string} channelId */
  async function answer(channelId, peer = 'Marie') {
    agent.ring({ channel_id: channelId, remote_peer: peer });
    await reach('ringing');
    await click('accept');
    await reach('connected');
  }

  test('the focus is on a control when the call has connected', async () => {
    await answer('a');
    assert.equal(await page.evaluate('return document.activeElement.id'), 'mute');
  });

  test('a call answered without the camera can get it', async () => {
    await click('camera');
    await until(`document.getElementById('self').hidden`);
    await click('camera');
    await until(`!document.getElementById('self').hidden`);
  });

  test('that the other side is muted is told, and its camera', async () => {
    await until(`${words('other')} === '' && document.getElementById('remote').state === 'playing'`);
    agent.sound = 'silence';
    await until(`${words('other')} === 'Muted or silent'`);
    agent.sound = 'tone';
    await until(`${words('other')} === ''`);
    for (const subscriber of agent.subscribers) subscriber.isPaused = true;
    await until(`${words('other')}.includes('Camera off')`);
  });

  test('where a recording lies is text, during and after the call', async () => {
    const recording = { channel_id: 'a', files: ['/home/marie/recordings/2026-01-01 Marie.webm'] };
    agent.emit('recording', { ...recording, state: 'recording' });
    await until(`${words('recording')}.includes('/home/marie/recordings/2026-01-01 Marie.webm')`);
    agent.end('a', 'remote_hung_up');
    await reach('idle');
    agent.emit('recording', { ...recording, state: 'stopped' });
    await until(`${words('notice-recording')}.includes('/home/marie/recordings/2026-01-01 Marie.webm')`);
  });

  test('that the other side has hung up is told', async () => {
    await until(`${words('notice-words')} === 'Marie has hung up.'`);
    assert.equal(await page.evaluate('return document.activeElement.id'), 'peer');
  });

  test('nothing is wider than a screen of 320 pixels', async () => {
    await page.setScreen({ width: 320, height: 640 });
    assert.deepEqual(await page.evaluate(TOO_WIDE), []);
    agent.ring({ channel_id: 'b', remote_peer: 'n'.repeat(128) });
    await reach('ringing');
    assert.deepEqual(await page.evaluate(TOO_WIDE), []);
    await click('accept');
    await reach('connected');
    agent.emit('quality', { channel_id: 'b', grade: 'poor' });
    await until(`${words('status')}.includes('oor connection')`);
    assert.deepEqual(await page.evaluate(TOO_WIDE), []);
  });

  test('a wrong token is told for a user', async () => {
    await page.goto('about:blank');
    await page.goto(`${agent.address}/demo/#token=wrong`);
    await until(`${words('trouble-words')}.includes('Open the link that the agent printed')`);
    assert.doesNotMatch(await page.evaluate(`return ${words('trouble-words')}`), /Bearer|agent\.json/);
  });
});
