import { cp, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * @param {string} [library] the folder of its modules
 * @returns {Promise<string>} a folder with the files as the jar holds them (pom.xml)
 */
export async function assembleSite(library = join(ROOT, 'lib')) {
  const site = await mkdtemp(join(tmpdir(), 'heliograph-site-'));
  await cp(library, join(site, 'lib'), { recursive: true });
  for (const page of ['demo', 'remote']) {
    await cp(join(ROOT, page), join(site, page), { recursive: true });
    await cp(join(ROOT, 'theme'), join(site, page), { recursive: true });
  }
  await writeFile(join(site, 'player.html'), PLAYER);
  await writeFile(join(site, 'away.html'), '<!doctype html><title>Away</title>');
  return site;
}

/** The address of the page with one element. @param {Record<string, string>} attributes */
export const playerPage = (attributes) =>
  `player.html#${encodeURIComponent(JSON.stringify(attributes))}`;

/** Milliseconds from the sending of a picture (LiveSource) to now, by the clock that both look at. */
export const PICTURE_AGE = `(() => {
  const code = pictureCode();
  if (code === undefined) return undefined;
  return (Date.now() - (code * 1000) / 30 + 10000) % 10000;
})()`;

/** Resolves when ten pictures have been shown, one after the other, each sent within the last second. */
export const LIVE = `(async () => {
  const fresh = new Set();
  while (fresh.size < 10) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    const age = ${PICTURE_AGE};
    if (age === undefined) continue;
    if (age < 1000) fresh.add(pictureCode());
    else fresh.clear();
  }
})()`;

/** A page with one element, as small as an app's could be. */
const PLAYER = `<!doctype html><meta charset="utf-8"><title>Player</title>
<style>body { margin: 0 } heliograph-video { width: 640px; height: 360px }</style>
<script type="module">
  import '/lib/index.js';
  const events = (window.events = []);
  const play = (attributes) => {
    const video = document.createElement('heliograph-video');
    for (const name of ['playing', 'stalled', 'ended', 'error', 'soundblocked', 'soundon', 'statechange'])
      video.addEventListener(name, (e) => events.push({ name, at: performance.now(), detail:
        { ...e.detail, words: e.detail?.words } }));
    for (const [name, value] of Object.entries(attributes)) video.setAttribute(name, value);
    window.startedAt = performance.now();
    document.body.append(video);
    window.video = video;
  };
  const when = (test) => new Promise((resolve) => {
    const look = setInterval(() => { const value = test(); if (value) { clearInterval(look); resolve(value); } }, 20);
  });
  window.when = when;
  window.event = (name) => when(() => events.find((e) => e.name === name));
  // Out of the address, not out of the driver: what a driver evaluates counts as the user's gesture.
  play(JSON.parse(decodeURIComponent(location.hash.slice(1))));
  window.pictureCode = readPictureCode();
  window.ready = true;
  function readPictureCode() {
    const copy = document.createElement('canvas');
    [copy.width, copy.height] = [40, 4];
    const drawing = copy.getContext('2d', { willReadFrequently: true });
    /** The number of the picture that the element shows; undefined for none, or one that is no such picture. */
    return (element = window.video) => {
      const shown = element.shadowRoot.querySelector('#stage video, #stage canvas');
      const [width, height] = [shown?.videoWidth ?? shown?.width, shown?.videoHeight ?? shown?.height];
      if (!width) return undefined;
      drawing.drawImage(shown, 0, 0, width, height / 6, 0, 0, 40, 4);
      const { data } = drawing.getImageData(0, 2, 40, 1);
      const bright = (bar) => data[(bar * 4 + 2) * 4 + 1] > 128;
      if (!bright(9)) return undefined;
      return [0, 1, 2, 3, 4, 5, 6, 7, 8].reduce((code, bit) => code | (bright(bit) << bit), 0);
    };
  }
</script>`;

/**
 * An app's modules may still be on their way when the page counts as loaded.
 * @param {{evaluate: (body: string) => Promise<any>}} page
 */
export async function playerReady(page) {
  while (!(await page.evaluate('return window.ready === true'))) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The ids of what reaches beyond the screen's sides, or wraps though it is one line. */
export const TOO_WIDE = `
  const wide = [...document.querySelectorAll('body *')].filter((element) => {
    const { width, left, right } = element.getBoundingClientRect();
    return width > 0 && !element.closest('svg') && (left < 0 || right > innerWidth);
  }).filter((element) => !element.closest('.who') || element.classList.contains('who'));
  const lines = [...document.querySelectorAll('h1, .status, .button, .choice')].filter((element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    const heights = [...range.getClientRects()].filter(({ width }) => width > 1);
    return heights.length > 0 && Math.max(...heights.map((box) => box.top)) >= Math.min(...heights.map((box) => box.bottom));
  });
  return [...wide, ...lines].map((element) => element.id || element.className || element.tagName);`;
