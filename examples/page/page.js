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
  const state = call?.state ?? 'idle';
  document.body.dataset.state = state;
  byId('idle').hidden = call !== undefined;
  byId('ringing').hidden = !(state === 'ringing' && call.incoming);
  byId('talking').hidden = !call || (state === 'ringing' && call.incoming);
  byId('mute').textContent = call?.muted ? 'Unmute' : 'Mute';
  byId('camera').textContent = call?.disabled ? 'Camera on' : 'Camera off';
  byId('status').textContent =
    words ?? (!call ? 'Ready' : byId('ringing').hidden ? `${call.remote_peer}: ${state}` : `${call.remote_peer} is calling`);
  remote.channel = self.channel = call && state !== 'ringing' ? call.channel_id : '';
}

/** A failure is said in words for a person; whatever was shown stays. */
const tried = (action) => action.catch((error) => show(error.words ?? String(error)));

function listen() {
  client.addEventListener('connection', async ({ detail: { connected, error } }) => {
    if (!connected) return show(error.words);
    const calls = await client.active();
    call = calls.find(({ state }) => state !== 'ended');
    show();
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

fromApp().then(({ url, token }) => {
  Object.assign(remote, { agent: url, token });
  Object.assign(self, { agent: url, token });
  client = new HeliographClient({ agent: url, token });
  listen();
}, (problem) => show(String(problem)));
