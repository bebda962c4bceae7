/** The page for those who have no app: an ordinary browser. ?name=OWN-NAME&call=WHOM-TO-CALL */
import { RemoteCall } from './remote/remote-call.js';
import { openMedia } from './remote/open-media.js';

const query = new URLSearchParams(location.search);
const name = query.get('name') ?? 'guest';
const host = query.get('call') ?? 'desk';
const byId = (id) => document.getElementById(id);
let key;
/** One message after the other: they are to arrive in the order in which they were sent. */
let sent = Promise.resolve();

function send(envelope) {
  const request = { method: 'POST', headers: { authorization: `Bearer ${key}` }, body: JSON.stringify(envelope) };
  sent = sent.then(() => fetch('messages', request)).catch(() => {});
}

const call = new RemoteCall(
  name,
  { changed: show, ended: show, trouble: (words) => (byId('status').textContent = words) },
  {
    send,
    iceServers: async () => [],
    createPeerConnection: (configuration) => new RTCPeerConnection(configuration),
    openMedia,
    createChannelId: () => crypto.randomUUID(),
    after: (ms, callback) => {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
  },
);

const messages = new EventSource(`messages?name=${encodeURIComponent(name)}`);
messages.addEventListener('welcome', ({ data }) => {
  key = JSON.parse(data).key;
  show();
});
messages.addEventListener('message', ({ data }) => call.receive(JSON.parse(data)));
messages.onerror = () => {
  key = undefined;
  show();
};

function show(words = '') {
  const state = call.state === 'idle' && !key ? 'offline' : call.state;
  document.body.dataset.state = state;
  byId('status').textContent = words || (state === 'idle' ? `Ready to call ${host}` : `${state} ${call.peer}`);
  byId('call').hidden = state !== 'idle';
  byId('accept').hidden = state !== 'ringing';
  byId('hangup').hidden = call.state === 'idle';
  play(byId('remote'), call.remoteStream);
  play(byId('self'), call.localStream);
}

function play(video, stream = null) {
  if (video.srcObject === stream) return;
  video.srcObject = stream;
  if (stream) void video.play();
}

byId('call').onclick = () => call.call(host, { audio: true, video: true });
byId('accept').onclick = () => call.accept({ audio: true, video: true });
byId('hangup').onclick = () => call.hangUp();
addEventListener('pagehide', () => call.hangUp());
