import { cp, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** @returns {Promise<string>} a folder with the files as the jar holds them (pom.xml) */
export async function assembleSite() {
  const site = await mkdtemp(join(tmpdir(), 'heliograph-site-'));
  await cp(join(ROOT, 'lib'), join(site, 'lib'), { recursive: true });
  for (const page of ['demo', 'remote']) {
    await cp(join(ROOT, page), join(site, page), { recursive: true });
    await cp(join(ROOT, 'theme'), join(site, page), { recursive: true });
  }
  await writeFile(join(site, 'player.html'), PLAYER);
  return site;
}

/** The address of the page with one element. @param {Record<string, string>} attributes */
export const playerPage = (attributes) =>
  `player.html#${encodeURIComponent(JSON.stringify(attributes))}`;

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
  window.ready = true;
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
