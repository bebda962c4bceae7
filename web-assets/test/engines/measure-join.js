/**
 * measure-join.js: what the pictures since the last key frame cost a page that joins, in each engine and
 * format: from the first byte to the newest picture, by how many pictures there are. 720p VP8 at
 * 1.5 Mbit/s, of which each picture comes at once, and in WebM 1 ms after the one before
 * (docs/media-protocol.md, Joining). `node test/engines/measure-join.js [Chromium|WebKitGTK]`
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Chromium } from './support/chromium.js';
import { LiveSource } from './support/live-source.js';
import { MockAgent } from './support/mock-agent.js';
import { SoundServer } from './support/sound-server.js';
import { Webview } from './support/webview.js';
import { assembleSite } from './support/site.js';

const COUNTS = [1, 15, 30, 45, 60, 90];
const ROUNDS = 5;

const folder = await mkdtemp(join(tmpdir(), 'heliograph-join-'));
const site = await assembleSite();
const sound = await SoundServer.open();
const live = new LiveSource(folder, { width: 320, height: 180, audio: false });
const agent = new MockAgent(site, live, live);
const address = await agent.start();

const pictures = recordPictures(join(folder, 'join.ivf'));
const packets = pictures.map((payload, index) => ({
  key: index === 0,
  picture: payload.toString('base64'),
  cluster: Buffer.from(
    LiveSource.cluster({ track: 1, video: true, key: index === 0, timeMs: 0, payload }, index),
  ).toString('base64'),
}));
const init = Buffer.from(new LiveSource(folder, { width: 1280, height: 720, audio: false }).init);
await writeFile(
  join(site, 'join.js'),
  `globalThis.packets = ${JSON.stringify(packets)}; globalThis.init = '${init.toString('base64')}';`,
);
await writeFile(
  join(site, 'join.html'),
  '<!doctype html><video muted playsinline width="640"></video><script src="join.js"></script>',
);

/** @type {Record<string, () => Promise<Chromium | Webview>>} */
const OPENERS = {
  Chromium: async () => {
    const browser = await Chromium.open();
    await browser.goto(`${address}/join.html`);
    return browser;
  },
  WebKitGTK: () => Webview.open(site, 'wails://wails/join.html', { environment: sound.environment }),
};

const PREPARE = `
  const bytes = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const all = packets.slice(0, COUNT + 30).map((packet) => ({ key: packet.key,
    picture: bytes(packet.picture), cluster: bytes(packet.cluster) }));`;

/** From the first picture's being handed to the decoder to the last one's coming out. */
const FRAMES = `
  const took = await new Promise((resolve, reject) => {
    let begun;
    let out = 0;
    const decoder = new VideoDecoder({
      output: (picture) => {
        picture.close();
        out += 1;
        if (out === COUNT) resolve(performance.now() - begun);
      },
      error: reject,
    });
    decoder.configure({ codec: 'vp8', optimizeForLatency: true });
    begun = performance.now();
    for (let i = 0; i < COUNT; i += 1) {
      const type = all[i].key ? 'key' : 'delta';
      decoder.decode(new EncodedVideoChunk({ type, timestamp: i * 33333, data: all[i].picture }));
    }
    decoder.flush().catch(() => {});
  });
  return took;`;

/** From the init segment's being appended to the newest picture's being shown; others follow live. */
const WEBM = `
  const video = document.querySelector('video');
  const source = new MediaSource();
  video.src = URL.createObjectURL(source);
  await new Promise((resolve) => source.addEventListener('sourceopen', resolve, { once: true }));
  const buffer = source.addSourceBuffer('video/webm; codecs="vp8"');
  buffer.mode = 'segments';
  const append = (data) => new Promise((resolve) => {
    buffer.addEventListener('updateend', resolve, { once: true });
    buffer.appendBuffer(data);
  });
  const begun = performance.now();
  video.play().catch(() => {});
  const shown = new Promise((resolve) => {
    const look = (now, { mediaTime }) => {
      if (mediaTime * 1000 >= COUNT - 1.5) resolve(performance.now() - begun);
      else video.requestVideoFrameCallback(look);
    };
    video.requestVideoFrameCallback(look);
  });
  await append(bytes(init));
  for (let i = 0; i < COUNT; i += 1) await append(all[i].cluster);
  let over = false;
  const live = (async () => {
    for (let i = COUNT; i < all.length && !over; i += 1) {
      await new Promise((resolve) => setTimeout(resolve, 33));
      buffer.timestampOffset = ((i - COUNT + 1) * 32) / 1000;
      await append(all[i].cluster);
    }
  })();
  const late = new Promise((resolve) => setTimeout(() => resolve(Infinity), 5000));
  const took = await Promise.race([shown, late]);
  over = true;
  await live;
  video.removeAttribute('src');
  video.load();
  return took;`;

try {
  for (const [name, open] of Object.entries(OPENERS)) {
    if (process.argv[2] && process.argv[2] !== name) continue;
    for (const [format, body] of Object.entries({ frames: FRAMES, webm: WEBM })) {
      const page = await open();
      for (const count of COUNTS) {
        const times = [];
        for (let round = 0; round < ROUNDS; round += 1) {
          const program = (PREPARE + body).replaceAll('COUNT', String(count));
          times.push(Number(await page.evaluate(program)));
        }
        times.sort((a, b) => a - b);
        const [least, median, most] = [times[0], times[ROUNDS >> 1], times[ROUNDS - 1]];
        console.log(
          `${name} ${format}: ${count} pictures: ${median.toFixed(0)} ms`,
          `(${least.toFixed(0)} to ${most.toFixed(0)})`,
        );
      }
      await page.close();
    }
  }
} finally {
  agent.close();
  await sound.close();
  await rm(folder, { recursive: true });
  await rm(site, { recursive: true });
}

/**
 * @param {string} file
 * @returns {Buffer[]} a key frame and what follows it
 */
function recordPictures(file) {
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-y', '-f', 'lavfi', '-t', '5', '-i', 'testsrc2=size=1280x720:rate=30'],
    ...['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '1500k', '-g', '1000'],
    file,
  ]);
  const ivf = readFileSync(file);
  const frames = [];
  for (let at = 32; at < ivf.length; ) {
    const size = ivf.readUInt32LE(at);
    frames.push(ivf.subarray(at + 12, at + 12 + size));
    at += 12 + size;
  }
  return frames;
}
