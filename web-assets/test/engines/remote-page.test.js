import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { rm } from 'node:fs/promises';
import { Chromium } from './support/chromium.js';
import { Rendezvous } from './support/rendezvous.js';
import { TOO_WIDE, assembleSite } from './support/site.js';

/** Two of the pages call each other: real devices of Chromium's making, real RTCPeerConnections. */
// A page that does not get where it should would be waited for without end.
describe('the page for the other side', { timeout: 120_000 }, () => {
  /** @type {string} */ let site;
  /** @type {Rendezvous} */ let rendezvous;
  /** @type {string} */ let address;
  /** @type {Chromium} */ let anna;
  /** @type {Chromium} */ let bert;

  before(async () => {
    site = await assembleSite();
    rendezvous = new Rendezvous(site);
    address = await rendezvous.start();
    anna = await Chromium.open();
    bert = await Chromium.open();
    await anna.goto(`${address}/remote/#token=x&peer=anna&call=bert`);
    await bert.goto(`${address}/remote/#token=x&peer=bert&call=anna`);
    await reach(anna, 'idle');
    await reach(bert, 'idle');
  });

  after(async () => {
    await anna?.close();
    await bert?.close();
    rendezvous.close();
    await rm(site, { recursive: true });
  });

  /** @param {Chromium} page @param {string} state */
  const reach = (page, state) =>
    page.evaluate(`while (document.body.dataset.state !== ${JSON.stringify(state)})
      await new Promise((resolve) => setTimeout(resolve, 20))`);

  /** @param {Chromium} page @param {string} id */
  const click = async (page, id) => {
    const [x, y] = await page.evaluate(`const box = document.getElementById('${id}').getBoundingClientRect();
      return [box.x + box.width / 2, box.y + box.height / 2]`);
    await page.click(x, y);
  };

  /** @param {Chromium} page */
  const trouble = (page) => page.evaluate(`return document.getElementById('trouble-words').textContent`);

  /** @param {Chromium} page */
  const pictures = (page) =>
    page.evaluate(`const video = document.getElementById('remote');
      for (let seen = 0; seen < 5; seen++)
        await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
      return video.videoWidth`);

  test('takes the invitation out of the address, and keeps it over a reload', async () => {
    assert.equal(await anna.evaluate('return location.href'), `${address}/remote/`);
    await anna.goto(`${address}/remote/`);
    await reach(anna, 'idle');
  });

  test('rings, is accepted, and both see each other', async () => {
    await click(anna, 'call');
    await reach(bert, 'ringing');
    await reach(anna, 'calling');
    await click(bert, 'accept');
    await Promise.all([reach(anna, 'connected'), reach(bert, 'connected')]);
    assert.ok((await pictures(anna)) > 0);
    assert.ok((await pictures(bert)) > 0);
  });

  test('camera off closes the camera, and on opens it again', async () => {
    await click(anna, 'camera');
    await anna.evaluate(`while (!document.getElementById('self').hidden)
      await new Promise((resolve) => setTimeout(resolve, 20))`);
    assert.equal(await anna.evaluate(`return heliographCall.localStream.getVideoTracks().length`), 0);
    await click(anna, 'camera');
    await anna.evaluate(`while (document.getElementById('self').hidden)
      await new Promise((resolve) => setTimeout(resolve, 20))`);
    assert.ok((await pictures(bert)) > 0);
  });

  /** @param {Chromium} page @param {string} condition */
  const until = (page, condition) =>
    page.evaluate(`while (!(${condition})) await new Promise((resolve) => setTimeout(resolve, 20))`);

  const words = (/** @type {string} */ id) => `document.getElementById('${id}').textContent`;

  test('the focus is on a control when the call has connected', async () => {
    for (const page of [anna, bert]) {
      const focused = await page.evaluate(`return document.activeElement.id`);
      assert.ok(['mute', 'camera', 'hangup'].includes(focused), focused);
    }
  });

  test('who is muted, and whose camera is off, is told to the other side', async () => {
    await until(bert, `${words('other')} === ''`);
    await click(anna, 'mute');
    await until(bert, `${words('other')} === 'Muted or silent'`);
    await click(anna, 'camera');
    await until(bert, `${words('other')} === 'Muted or silent · Camera off'`);
    assert.match(await bert.evaluate(`return ${words('note')}`), /no picture/);
    await click(anna, 'mute');
    await click(anna, 'camera');
    await until(bert, `${words('other')} === ''`);
  });

  test('hanging up is told to the other side, in words', async () => {
    await click(anna, 'hangup');
    await Promise.all([reach(anna, 'idle'), reach(bert, 'idle')]);
    assert.equal(await trouble(bert), 'anna has hung up.');
  });

  test('a rejected call is told in words', async () => {
    await click(bert, 'call');
    await reach(anna, 'ringing');
    await click(anna, 'reject');
    await reach(bert, 'idle');
    assert.equal(await trouble(bert), 'anna has rejected the call.');
  });

  test('the other side’s words and name are text', async () => {
    const markup = '<img src=x onerror="document.title=1"><b>';
    await anna.evaluate(`heliographCall.receive({ channel_id: 'evil', from: '${markup}', to: 'anna',
      payload: { type: 'call-request' } })`);
    await reach(anna, 'ringing');
    assert.equal(
      await anna.evaluate(`return document.getElementById('ringing-title').textContent`),
      `${markup} is calling`,
    );
    await click(anna, 'reject');
    await reach(anna, 'idle');
    await click(anna, 'call');
    await reach(bert, 'ringing');
    await anna.evaluate(`heliographCall.receive({ channel_id: heliographCall.channelId, from: 'bert', to: 'anna',
      payload: { type: 'call-hangup', reason: '${markup}' } })`);
    await reach(anna, 'idle');
    assert.equal(await trouble(anna), `bert says: ${markup}`);
    assert.equal(await anna.evaluate(`return document.querySelectorAll('img, b').length`), 0);
    await click(bert, 'reject');
    await reach(bert, 'idle');
  });

  test('both calling at once end up in one call', async () => {
    // Neither hears of the other's call before it has made its own.
    rendezvous.hold();
    await Promise.all([click(anna, 'call'), click(bert, 'call')]);
    await Promise.all([reach(anna, 'calling'), reach(bert, 'calling')]);
    rendezvous.release();
    await Promise.all([reach(anna, 'connected'), reach(bert, 'connected')]);
    const channel = (/** @type {Chromium} */ page) => page.evaluate('return document.body.dataset.channel');
    assert.equal(await channel(anna), await channel(bert));
  });

  test('a call begun without the camera can get it', async () => {
    await click(anna, 'hangup');
    await Promise.all([reach(anna, 'idle'), reach(bert, 'idle')]);
    for (const [caller, callee] of [[anna, bert], [bert, anna]]) {
      await click(caller, 'with-video');
      await click(caller, 'call');
      await reach(callee, 'ringing');
      await click(callee, 'answer-with-video');
      await click(callee, 'accept');
      await Promise.all([reach(anna, 'connected'), reach(bert, 'connected')]);
      assert.equal(await caller.evaluate(`return heliographCall.localStream.getVideoTracks().length`), 0);
      for (const page of [anna, bert]) {
        await page.evaluate(`for (const id of ['with-video', 'answer-with-video'])
          document.getElementById(id).checked = true`);
      }
      await click(caller, 'camera');
      assert.ok((await pictures(callee)) > 0);
      await click(callee, 'camera');
      assert.ok((await pictures(caller)) > 0);
      if (caller === anna) {
        await click(anna, 'hangup');
        await Promise.all([reach(anna, 'idle'), reach(bert, 'idle')]);
      }
    }
  });

  test('nothing is wider than a screen of 320 pixels', async () => {
    await anna.setScreen({ width: 320, height: 640 });
    await anna.evaluate(`document.getElementById('who').textContent = 'n'.repeat(128)`);
    assert.deepEqual(await anna.evaluate(TOO_WIDE), []);
    await anna.setScreen({ width: 1200, height: 760 });
  });

  test('a page that is left takes its call with it', async () => {
    await bert.goto('about:blank');
    await reach(anna, 'idle');
    assert.equal(await trouble(anna), 'bert has hung up.');
  });

  test('who is not there is told at once', async () => {
    await rendezvous.left('bert');
    await click(anna, 'call');
    await anna.evaluate(`while (!document.getElementById('trouble-words').textContent.includes('not there'))
      await new Promise((resolve) => setTimeout(resolve, 20))`);
    await reach(anna, 'idle');
  });

  test('a wrong invitation is told as such', async () => {
    await bert.goto('about:blank');
    await bert.goto(`${address}/remote/#token=wrong&peer=bert&call=anna`);
    await until(bert, `${words('trouble-words')}.includes('Ask for a new link')`);
    await bert.goto('about:blank');
  });

  test('without camera and microphone it still sees and hears', async () => {
    await bert.goto(`${address}/remote/#token=x&peer=bert&call=anna`);
    await reach(bert, 'idle');
    await bert.evaluate(`navigator.mediaDevices.getUserMedia = async () => {
      throw new DOMException('none', 'NotFoundError'); }`);
    await click(anna, 'call');
    await reach(bert, 'ringing');
    await click(bert, 'accept');
    await Promise.all([reach(anna, 'connected'), reach(bert, 'connected')]);
    assert.ok((await pictures(bert)) > 0);
    assert.match(await trouble(bert), /Without the microphone.*Without the camera/);
  });
});
