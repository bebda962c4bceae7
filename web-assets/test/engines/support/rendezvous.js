import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { WebSocketConnection } from './web-socket-server.js';

const TYPES = /** @type {Record<string, string>} */ ({
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
});

/** Stands in for the agent's rendezvous: hands envelopes from one name to another, and serves pages. */
export class Rendezvous {
  /** @type {Map<string, WebSocketConnection>} */
  #connections = new Map();
  /** Every envelope that went through. @type {any[]} */
  envelopes = [];
  /** What waits while envelopes are held. @type {(() => void)[] | undefined} */
  #held;
  #server;

  /** @param {string} folder */
  constructor(folder) {
    this.#server = createServer(async ({ url, headers }, response) => {
      const { pathname } = new URL(url ?? '/', 'http://x');
      if (pathname === '/ice') {
        if (headers.authorization === 'Bearer wrong') return response.writeHead(401).end('{}');
        return response.setHeader('Content-Type', 'application/json').end('{"iceServers":[]}');
      }
      const file = join(folder, pathname.endsWith('/') ? `${pathname}index.html` : pathname);
      const content = await readFile(file).catch(() => undefined);
      if (!content) return response.writeHead(404).end();
      response.setHeader('Content-Type', TYPES[extname(file)] ?? 'application/octet-stream').end(content);
    });
    this.#server.on('upgrade', (request, socket) => {
      const query = new URL(request.url ?? '/', 'http://x').searchParams;
      if (query.get('access_token') === 'wrong') {
        return void socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n');
      }
      const name = query.get('peer') ?? '';
      const connection = new WebSocketConnection(request, socket);
      this.#connections.get(name)?.close(4409);
      this.#connections.set(name, connection);
      connection.onText = (text) => this.#route(connection, JSON.parse(text));
      connection.onClose = () => {
        if (this.#connections.get(name) === connection) this.#connections.delete(name);
      };
    });
  }

  /** @returns {Promise<string>} its address */
  async start() {
    await new Promise((resolve) => this.#server.listen(0, '127.0.0.1', () => resolve(undefined)));
    const { port } = /** @type {import('node:net').AddressInfo} */ (this.#server.address());
    return `http://127.0.0.1:${port}`;
  }

  /** Resolves when nobody is here under that name. @param {string} name */
  async left(name) {
    while (this.#connections.has(name)) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  /** Keeps envelopes back, as a slow network would, until they are released. */
  hold() {
    this.#held = [];
  }

  release() {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const route of held) route();
  }

  /**
   * @param {WebSocketConnection} sender
   * @param {any} envelope
   */
  #route(sender, envelope) {
    if (this.#held) {
      this.#held.push(() => this.#route(sender, envelope));
      return;
    }
    this.envelopes.push(envelope);
    const receiver = this.#connections.get(envelope.to);
    const { channel_id, to } = envelope;
    if (receiver) receiver.send(envelope);
    else sender.send({ type: 'error', code: 'peer_unreachable', message: 'Nobody.', channel_id, to });
  }

  close() {
    for (const connection of this.#connections.values()) connection.destroy();
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
