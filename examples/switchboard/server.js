#!/usr/bin/env node
/**
 * server.js [PORT]: stands for the server that your app talks to anyway: a chat's, a shop's. It carries messages between people by
 * name, and serves the page for those who have no app. Node alone, no package; on loopback only.
 *
 *     GET  /messages?name=NAME   server-sent events: first "welcome" {key}, then "message" for each message to NAME
 *     POST /messages             a message {to, …}, with "Authorization: Bearer KEY"; its "from" is the name that has the key
 *
 * The messages are Heliograph's envelopes here; nothing in this file knows that, but for the answer in a missing person's place.
 */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname } from 'node:path';

const LONGEST_MESSAGE = 64 * 1024;
const FILES = {
  '/': new URL('guest.html', import.meta.url),
  '/guest.js': new URL('guest.js', import.meta.url),
};
// The WebRTC side of the page for a browser, and the look of Heliograph's own pages.
const SHARED = new Map([
  ['/remote/', new URL('../../web-assets/remote/', import.meta.url)],
  ['/theme/', new URL('../../web-assets/theme/', import.meta.url)],
]);
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

/** Who is here, by name. @type {Map<string, {key: string, stream: import('node:http').ServerResponse}>} */
const present = new Map();

const write = (stream, event, data) => stream.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
const answer = (response, status) => response.writeHead(status).end();

function join(name, request, response) {
  if (present.has(name)) return answer(response, 409);
  const person = { key: randomUUID(), stream: response };
  present.set(name, person);
  request.on('close', () => present.delete(name));
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  write(response, 'welcome', { key: person.key });
  console.log(`${name} is here`);
}

async function send(request, response) {
  const key = request.headers.authorization?.replace(/^Bearer /, '');
  const sender = [...present].find(([, person]) => person.key === key);
  if (!sender) return answer(response, 401);
  let text = '';
  for await (const part of request.setEncoding('utf8')) {
    text += part;
    if (text.length > LONGEST_MESSAGE) return answer(response, 413);
  }
  let message;
  try {
    // Whatever a message says of its sender, the server knows better.
    message = { ...JSON.parse(text), from: sender[0] };
  } catch {
    return answer(response, 400);
  }
  const receiver = present.get(message.to);
  if (receiver) write(receiver.stream, 'message', message);
  else if (message.payload?.type !== 'call-hangup') {
    const payload = { type: 'call-hangup', reason: 'no_answer' };
    write(sender[1].stream, 'message', { ...message, from: message.to, to: message.from, payload });
  }
  answer(response, 202);
}

async function serve(path, response) {
  const folder = [...SHARED.keys()].find((each) => path.startsWith(each));
  const file = folder ? new URL(path.slice(folder.length).replaceAll('/', ''), SHARED.get(folder)) : FILES[path];
  try {
    const body = await readFile(file);
    response.writeHead(200, { 'content-type': TYPES[extname(file.pathname)], 'cache-control': 'no-cache' });
    response.end(body);
  } catch {
    answer(response, 404);
  }
}

const server = createServer((request, response) => {
  // A name that was made to lead here must not let another site in (DNS rebinding).
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? '')) return answer(response, 403);
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://switchboard');
  if (pathname !== '/messages') return serve(pathname, response);
  if (request.method === 'POST') return send(request, response);
  const name = searchParams.get('name');
  return name ? join(name, request, response) : answer(response, 400);
});

server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  console.log(`http://127.0.0.1:${port}`);
});
