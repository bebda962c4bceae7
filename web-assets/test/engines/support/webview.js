import { execFileSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { start, stop } from './child.js';

const PROGRAM = fileURLToPath(
  new URL('../../../../interop/webview-lab/webview.py', import.meta.url),
);

/** A real WebKitGTK webview on a virtual screen; `wails://wails/` serves a folder. */
export class Webview {
  #display;
  #child;
  #environment;
  #number = 0;
  /** @type {Map<string, {resolve: (value: any) => void, reject: (error: Error) => void}>} */
  #pending = new Map();
  /** @type {string[]} */
  console = [];
  #loaded;

  /**
   * @param {import('node:child_process').ChildProcess} display
   * @param {string} name
   * @param {string} folder
   * @param {string} url
   * @param {Record<string, string | undefined>} environment
   * @param {string[]} options of the program
   */
  constructor(display, name, folder, url, environment, options) {
    this.#display = display;
    this.#environment = {
      ...process.env,
      ...environment,
      DISPLAY: name,
      LIBGL_ALWAYS_SOFTWARE: '1',
      WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1',
    };
    const args = [PROGRAM, `--scheme=wails=${folder}`, ...options, url];
    this.#child = start('/usr/bin/python3', args, {
      env: this.#environment,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.#loaded = new Promise((resolve) => this.#read(resolve));
  }

  /**
   * @param {string} folder
   * @param {string} url
   * @param {{environment?: Record<string, string>, size?: string, acceleration?: 'always' | 'never'}} [options]
   *     `acceleration`: Wails has `never` by default, GTK and Tauri `always`
   */
  static async open(
    folder,
    url,
    { environment = {}, size = '900x700', acceleration = 'always' } = {},
  ) {
    const display = start('Xvfb', ['-displayfd', '3', '-screen', '0', `${size}x24`], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    const number = await new Promise((resolve) =>
      /** @type {import('node:stream').Readable} */ (display.stdio[3]).once('data', (data) =>
        resolve(String(data).trim()),
      ),
    );
    const options = [`--size=${size}`, `--acceleration=${acceleration}`];
    const view = new Webview(display, `:${number}`, folder, url, environment, options);
    await view.#loaded;
    return view;
  }

  /** @param {(value?: unknown) => void} loaded */
  #read(loaded) {
    const lines = createInterface({
      input: /** @type {import('node:stream').Readable} */ (this.#child.stdout),
    });
    lines.on('line', (line) => {
      const [, kind, number, rest] = /^(REPLY|FAILED) (\d+) (.*)$/.exec(line) ?? [];
      const pending = this.#pending.get(number);
      this.#pending.delete(number);
      if (kind === 'REPLY') pending?.resolve(JSON.parse(rest));
      else if (kind === 'FAILED') pending?.reject(new Error(rest));
      else this.console.push(line);
      if (line.startsWith('LOADED ')) loaded();
    });
  }

  /**
   * @param {string} body of an async function
   * @returns {Promise<any>}
   */
  evaluate(body) {
    const number = String(++this.#number);
    this.#child.stdin?.write(`${number} ${JSON.stringify(body)}\n`);
    return new Promise((resolve, reject) => this.#pending.set(number, { resolve, reject }));
  }

  /** Hides the window, or shows it again. @param {boolean} visible */
  async setVisible(visible) {
    const number = String(++this.#number);
    this.#child.stdin?.write(`${number} ${JSON.stringify({ visible })}\n`);
    await new Promise((resolve, reject) => this.#pending.set(number, { resolve, reject }));
    await this.evaluate(`while (document.hidden === ${visible}) await new Promise((r) => setTimeout(r, 20))`);
  }

  /** @param {string} url */
  async goto(url) {
    await this.evaluate(`setTimeout(() => (location.href = ${JSON.stringify(url)}))`);
  }

  get pid() {
    return /** @type {number} */ (this.#child.pid);
  }

  /** A real click, which counts as the user's. @param {number} x @param {number} y */
  async click(x, y) {
    const args = ['mousemove', `${Math.round(x)}`, `${Math.round(y)}`, 'click', '1'];
    execFileSync('xdotool', args, { env: this.#environment });
  }

  /** @param {string} file */
  async screenshot(file) {
    execFileSync('import', ['-window', 'root', file], { env: this.#environment });
  }

  async close() {
    await stop(this.#child);
    await stop(this.#display);
  }
}
