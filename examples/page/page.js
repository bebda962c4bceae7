import { HeliographClient } from '@heliograph/webview';

/**
 * The page of both examples. The agent holds the call and the page shows it: after a reload it asks for what goes on.
 *
 * The app's native part gives the agent's address and token to this page and to no other: Wails and Tauri let a page call the app's
 * functions only if it comes from the app itself.
 */
const fromApp = () => (window.__TAURI__ ? window.__TAURI__.core.invoke('agent') : window.go.main.Desk.Agent());

const byId = (id) => document.getElementById(id);
const remote = byId('remote');
const self = byId('self');
let client;
/** The call that the page shows. @type {import('@heliograph/webview').CallSession | undefined} */
let call;

function show(words) {
  const ringing = call?.state === 'ringing';
  const asked = ringing && call.incoming;
  const inCall = call !== undefined && !ringing;
  document.body.classList.toggle('in-call', inCall);
  byId('idle').hidden = !client || call !== undefined;
  byId('ringing').hidden = !asked;
  byId('talking').hidden = !call || asked;
  byId('mute').textContent = call?.muted ? 'Unmute' : 'Mute';
  byId('camera').textContent = call?.disabled ? 'Camera on' : 'Camera off';
  byId('status').textContent = words ?? state();
  remote.channel = self.channel = inCall ? call.channel_id : '';
}

function state() {
  if (!call) return 'Ready for guests';
  if (call.state !== 'ringing') return `${call.remote_peer}: ${call.state}`;
  return call.incoming ? `${call.remote_peer} is calling` : `Calling ${call.remote_peer}…`;
}

/** A failure is said in words for a person; whatever was shown stays. */
const tried = (action) => action.catch((error) => show(error.words ?? String(error)));

/** Asks the app for the agent, which starts one if none runs: at first, and whenever the agent does not answer. */
async function connect() {
  const { url, token } = await fromApp();
  if (token === remote.token) return;
  client?.close();
  client = new HeliographClient({ agent: url, token });
  for (const element of [remote, self]) Object.assign(element, { agent: url, token });
  listen();
}

function listen() {
  client.addEventListener('connection', async ({ detail: { connected, error } }) => {
    if (!connected) {
      show(error.words);
      return tried(connect());
    }
    const was = call;
    call = (await client.active()).find(({ state }) => state !== 'ended');
    show(was && !call ? `The call with ${was.remote_peer} is over` : undefined);
  });
  client.addEventListener('incoming', ({ detail }) => {
    if (call) return;
    call = { ...detail, state: 'ringing', incoming: true };
    show();
  });
  for (const name of ['state', 'devices']) {
    client.addEventListener(name, ({ detail }) => {
      if (detail.channel_id !== call?.channel_id || detail.state === 'ended') return;
      call = { ...call, ...detail };
      show();
    });
  }
  client.addEventListener('ended', ({ detail }) => {
    if (detail.channel_id !== call?.channel_id) return;
    call = undefined;
    show(detail.message);
  });
  client.addEventListener('error', ({ detail }) => show(detail.error.words));
  client.listen();
}

byId('idle').addEventListener('submit', (event) => {
  event.preventDefault();
  const channelId = crypto.randomUUID();
  call = { channel_id: channelId, remote_peer: byId('peer').value.trim(), state: 'ringing', incoming: false };
  show();
  remote.requestSound(); // within the click: engines let sound play only then
  tried(
    client.start(call.remote_peer, { channelId }).catch((error) => {
      call = undefined;
      throw error;
    }),
  );
});
byId('accept').addEventListener('click', () => {
  call.state = 'connecting';
  show();
  remote.requestSound();
  tried(client.accept(call.channel_id, call.remote_peer));
});
byId('reject').addEventListener('click', () => tried(client.reject(call.channel_id)));
byId('hangup').addEventListener('click', () => tried(client.hangup(call.channel_id)));
byId('mute').addEventListener('click', () => tried(client.toggleAudio(call.channel_id)));
byId('camera').addEventListener('click', () => tried(client.toggleVideo(call.channel_id)));

tried(connect());
