import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { start, stop } from './child.js';

/** A headless Chromium, driven over its debugging pipe: no port, no dependency. */
export class Chromium {
  #child;
  #folder;
  #number = 0;
  /** @type {Map<number, {resolve: (value: any) => void, reject: (error: Error) => void}>} */
  #pending = new Map();
  #received = '';
  #session = '';
  /** The tab that hides the page. */
  #cover = '';
  /** What the page wrote to its console. @type {string[]} */
  console = [];

  /**
   * @param {string} folder
   * @param {Record<string, string> | undefined} environment
   */
  constructor(folder, environment) {
    this.#folder = folder;
    const args = [
      '--headless=new --no-sandbox --disable-gpu --disable-background-networking --no-first-run',
      '--disable-component-update --disable-sync --use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream --remote-debugging-pipe',
      ...(environment ? [] : ['--mute-audio']),
    ].flatMap((line) => line.split(' '));
    this.#child = start(
      process.env.CHROMIUM ?? 'chromium',
      [
        ...args,
        '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
        `--user-data-dir=${folder}`,
        'about:blank',
      ],
      {
        env: { ...process.env, ...environment },
        stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
      },
    );
    const from = /** @type {import('node:stream').Readable} */ (this.#child.stdio[4]);
    from.setEncoding('utf8').on('data', (text) => this.#receive(text));
  }

  /** @param {{environment?: Record<string, string>}} [options] a sound server's, to play into it */
  static async open({ environment } = {}) {
    const browser = new Chromium(await mkdtemp(join(tmpdir(), 'heliograph-chromium-')), environment);
    const { targetInfos } = await browser.#command('Target.getTargets');
    const page = targetInfos.find((/** @type {any} */ target) => target.type === 'page');
    const { sessionId } = await browser.#command('Target.attachToTarget', {
      targetId: page.targetId,
      flatten: true,
    });
    browser.#session = sessionId;
    await browser.send('Page.enable');
    await browser.send('Runtime.enable');
    return browser;
  }

  /** @param {string} text */
  #receive(text) {
    const messages = (this.#received + text).split('\0');
    this.#received = messages.pop() ?? '';
    for (const message of messages.map((each) => JSON.parse(each))) {
      const pending = this.#pending.get(message.id);
      this.#pending.delete(message.id);
      if (message.error) pending?.reject(new Error(message.error.message));
      else pending?.resolve(message.result);
      if (message.method === 'Runtime.consoleAPICalled') {
        this.console.push(
          message.params.args.map((/** @type {any} */ a) => a.value ?? a.description).join(' '),
        );
      }
      if (message.method === 'Runtime.exceptionThrown') {
        this.console.push(message.params.exceptionDetails.exception?.description ?? 'exception');
      }
    }
  }

  /**
   * @param {string} method
   * @param {object} [params]
   * @param {string} [sessionId]
   * @returns {Promise<any>}
   */
  #command(method, params = {}, sessionId = undefined) {
    const id = ++this.#number;
    const to = /** @type {import('node:stream').Writable} */ (this.#child.stdio[3]);
    to.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((resolve, reject) => this.#pending.set(id, { resolve, reject }));
  }

  /**
   * @param {string} method
   * @param {object} [params]
   */
  send(method, params) {
    return this.#command(method, params, this.#session);
  }

  /** @param {string} url */
  async goto(url) {
    await this.send('Page.navigate', { url });
    await this.evaluate(`return new Promise((resolve) => document.readyState === 'complete'
      ? resolve(true) : addEventListener('load', () => resolve(true)))`);
  }

  /**
   * @param {string} body of an async function
   * @returns {Promise<any>}
   */
  async evaluate(body) {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', {
      expression: `(async () => { ${body} })()`,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? 'page threw');
    return result.value;
  }

  /** A real click, which counts as the user's. @param {number} x @param {number} y */
  async click(x, y) {
    for (const type of ['mousePressed', 'mouseReleased']) {
      await this.send('Input.dispatchMouseEvent', { type, x, y, button: 'left', clickCount: 1 });
    }
  }

  /** The page in its own tab is no longer seen, or is seen again. @param {boolean} visible */
  async setVisible(visible) {
    if (visible) {
      await this.#command('Target.closeTarget', { targetId: this.#cover });
      await this.send('Page.bringToFront');
    } else {
      this.#cover = (await this.#command('Target.createTarget', { url: 'about:blank' })).targetId;
      await this.#command('Target.activateTarget', { targetId: this.#cover });
    }
    await this.evaluate(`while (document.hidden === ${visible}) await new Promise((r) => setTimeout(r, 20))`);
  }

  get pid() {
    return /** @type {number} */ (this.#child.pid);
  }

  /** @param {{width: number, height: number, scale?: number, dark?: boolean}} screen */
  async setScreen({ width, height, scale = 1, dark = false }) {
    await this.send('Emulation.setDeviceMetricsOverride', {
      width,
      height,
      deviceScaleFactor: scale,
      mobile: false,
    });
    await this.send('Emulation.setEmulatedMedia', {
      features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }],
    });
  }

  /** @param {string} file */
  async screenshot(file) {
    const { data } = await this.send('Page.captureScreenshot', { format: 'png' });
    await writeFile(file, Buffer.from(data, 'base64'));
  }

  async close() {
    await stop(this.#child);
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
