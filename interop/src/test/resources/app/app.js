// What an app does: it has the agent's address and token from its own backend, here from the page's address.
import { HeliographClient } from './lib/index.js';

const settings = new URLSearchParams(location.search);
const agent = settings.get('agent');
const token = settings.get('token');
const client = new HeliographClient({ agent, token });
const remote = document.getElementById('remote');
const own = document.getElementById('own');
const app = { client, states: [], errors: [], incoming: null, ended: null, channel: null };
Object.assign(window, { app });
const button = document.getElementById('call');
const say = (text) => globalThis.webkit?.messageHandlers?.lab?.postMessage(text);

/** Where to click on it. @param {Element} element */
function middle(element) {
  const box = element.getBoundingClientRect();
  return `${Math.round(box.x + box.width / 2)} ${Math.round(box.y + box.height / 2)}`;
}

app.show = (channel) => {
  app.channel = channel;
  for (const element of [remote, own]) {
    element.setAttribute('format', settings.get('format') ?? 'auto');
    element.setAttribute('agent', agent);
    element.setAttribute('token', token);
    element.setAttribute('channel', channel);
  }
};
app.call = async (peer, media = { audio: true, video: true }) => {
  const { channel_id: channel } = await client.start(peer, { media });
  app.show(channel);
};
button.addEventListener('click', async () => {
  await app.call('guest').catch((error) => app.errors.push(String(error)));
  while (navigator.userActivation.isActive) await new Promise((resolve) => setTimeout(resolve, 100));
  say('rested');
});
app.accept = async () => {
  const { channel_id: channel, remote_peer: peer } = app.incoming;
  await client.accept(channel, peer);
  app.show(channel);
};
/** The code in the picture that an element shows; null when there is none. */
app.code = (element) => {
  const pictures = [...element.shadowRoot.querySelectorAll('video, canvas')].filter(({ hidden }) => !hidden).reverse();
  for (const picture of pictures) {
    const code = pictureCode.read(picture);
    if (code !== null) return code;
  }
  return null;
};
client.addEventListener('incoming', ({ detail }) => {
  app.incoming = detail;
  if (settings.has('answers')) app.accept().catch((error) => app.errors.push(String(error)));
});
client.addEventListener('state', ({ detail }) => { app.states.push(detail.state); });
client.addEventListener('ended', ({ detail }) => { app.ended = detail; });
client.addEventListener('error', ({ detail }) => { app.errors.push(detail); });
client.addEventListener('connection', ({ detail }) => {
  app.connected = detail.connected;
  // A script that a test runs in a webview counts as a user's gesture; what it must know before one is said.
  if (detail.connected) say(`listening ${middle(button)}`);
});
remote.addEventListener('soundblocked', () => {
  say(`soundblocked ${middle(remote.shadowRoot.getElementById('sound'))}`);
});
remote.addEventListener('soundon', () => say('soundon'));
client.listen();
