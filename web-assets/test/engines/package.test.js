import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Chromium } from './support/chromium.js';
import { LiveSource } from './support/live-source.js';
import { MockAgent } from './support/mock-agent.js';
import { assembleSite, playerPage, playerReady } from './support/site.js';

/** The npm package as an author gets it: packed, and installed into a project of its own. */

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What an author of an app writes; each `@ts-expect-error` is a mistake that the types must show him. */
const APP = `
import { HeliographClient, HeliographError, HeliographVideo, pageSound } from '@heliograph/webview';
import type { CallSession, HeliographVideoEvents, PlayerStats } from '@heliograph/webview';

const client = new HeliographClient({ agent: 'http://127.0.0.1:7117', token: 't' });
client.addEventListener('incoming', ({ detail }) => void client.accept(detail.channel_id, detail.remote_peer));
client.addEventListener('quality', ({ detail }) => console.log(detail.round_trip_ms?.toFixed()));
client.addEventListener('connection', ({ detail }) => detail.connected || console.log(detail.error?.words));
const calls: Promise<CallSession[]> = client.active();

const video = document.querySelector('heliograph-video')!;
video.token = 't';
video.stream = 'self';
video.addEventListener('error', ({ detail }) => console.log(detail.code, detail.fatal));
video.addEventListener('statechange', ({ detail }: CustomEvent<HeliographVideoEvents['statechange']>) => detail.state);
video.addEventListener('click', () => video.requestSound().then((heard: boolean) => heard));
const stats: PlayerStats | undefined = video.stats;
pageSound.deafened = !(video instanceof HeliographVideo);
export { calls, stats, HeliographError };

// @ts-expect-error without the agent's token there is nothing to ask it
new HeliographClient({});
// @ts-expect-error there is no such stream
video.stream = 'both';
// @ts-expect-error the state is the agent's to say
client.addEventListener('state', ({ detail }) => detail.state === 'picked-up');
`;

/** How the stage of an element lies that is made under a policy without inline styles. */
const UNDER_A_STRICT_POLICY = `
  const policy = Object.assign(document.createElement('meta'), { content: "style-src 'none'" });
  policy.httpEquiv = 'Content-Security-Policy';
  document.head.append(policy);
  const strict = document.createElement('heliograph-video');
  document.body.append(strict);
  return getComputedStyle(strict.shadowRoot.getElementById('stage')).position`;

/** @type {string} */ let folder;
const installed = () => join(folder, 'node_modules/@heliograph/webview');

/** @param {string} command @param {string[]} args @param {string} [where] */
function run(command, args, where = folder) {
  try {
    return execFileSync(command, args, { cwd: where, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stdout, stderr } = /** @type {any} */ (error);
    throw new Error(`${command} ${args.join(' ')} has failed:\n${stdout}\n${stderr}`);
  }
}

describe('The npm package', { timeout: 120_000 }, () => {
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'heliograph-package-'));
    const [{ filename }] = JSON.parse(
      run('npm', ['pack', '--json', '--silent', '--pack-destination', folder], ROOT),
    );
    await writeFile(join(folder, 'package.json'), '{ "name": "app", "private": true, "type": "module" }');
    run('npm', ['install', '--offline', '--silent', join(folder, filename)]);
  });

  after(() => rm(folder, { recursive: true }));

  test('brings nothing but itself', async () => {
    const names = (await readdir(join(folder, 'node_modules'))).filter((name) => !name.startsWith('.'));
    assert.deepEqual(names, ['@heliograph']);
    assert.deepEqual(await readdir(join(folder, 'node_modules/@heliograph')), ['webview']);
  });

  test('holds the library, its types, a README and the licence, and no tests', async () => {
    assert.deepEqual((await readdir(installed())).sort(), [
      'LICENSE',
      'README.md',
      'dist',
      'lib',
      'package.json',
      'types',
    ]);
    const modules = await readdir(join(ROOT, 'lib'));
    assert.deepEqual(await readdir(join(installed(), 'lib')), modules);
    assert.match(await readFile(join(installed(), 'LICENSE'), 'utf8'), /Apache License/);
  });

  test('can be imported where there is no document', () => {
    const script = `
      import { HeliographClient } from '@heliograph/webview';
      const fetch = async (url) => new Response(JSON.stringify({ mode: 'native', url }));
      const client = new HeliographClient({ agent: 'http://127.0.0.1:7117', token: 't', fetch });
      console.log((await client.mode()).url);`;
    assert.equal(
      run(process.execPath, ['--input-type=module', '-e', script]).trim(),
      'http://127.0.0.1:7117/api/call/mode',
    );
  });

  for (const [module, resolution] of [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ]) {
    test(`has types that hold, by the resolution "${resolution}"`, async () => {
      await writeFile(join(folder, 'app.ts'), APP);
      const options = { module, moduleResolution: resolution, target: 'es2022', lib: ['es2022', 'dom'] };
      const compilerOptions = { ...options, strict: true, noEmit: true, skipLibCheck: false, types: [] };
      await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['app.ts'] }));
      run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc')]);
    });
  }

  test('plays in a page, whose policy may forbid inline styles', async () => {
    const site = await assembleSite(join(installed(), 'lib'));
    const agent = new MockAgent(site, new LiveSource(folder), new LiveSource(folder));
    await agent.start();
    const browser = await Chromium.open();
    try {
      const { address, token } = agent;
      await browser.goto(`${address}/${playerPage({ channel: 'c', agent: address, token, format: 'frames' })}`);
      await playerReady(browser);
      assert.equal(await browser.evaluate(`return (await event('playing')).name`), 'playing');
      assert.equal(await browser.evaluate(UNDER_A_STRICT_POLICY), 'absolute');
    } finally {
      await browser.close();
      agent.close();
      await rm(site, { recursive: true });
    }
  });
});
