import { HeliographClient } from '../lib/index.js';
import { takeToken } from './token.js';
import { keepFocus } from './focus.js';
import { OtherSide } from './other-side.js';

/**
 * The demo: what an app does with Heliograph, in one file. The agent holds the call; this page shows
 * it. So the page keeps no truth of its own: after a reload it asks `active()` and goes on.
 *
 * @typedef {import('../lib/heliograph-client.js').CallSession} CallSession
 * @typedef {import('../lib/heliograph-video.js').HeliographVideo} HeliographVideo
 * @typedef {import('../lib/heliograph-error.js').HeliographError} HeliographError
 */

/** @template {HTMLElement} T @param {string} id @returns {T} */
const byId = (id) => /** @type {T} */ (document.getElementById(id));
const remote = /** @type {HeliographVideo} */ (byId('remote'));
const self = /** @type {HeliographVideo} */ (byId('self'));
const peer = /** @type {HTMLInputElement} */ (byId('peer'));
const withVideo = /** @type {HTMLInputElement} */ (byId('with-video'));
const answerWithVideo = /** @type {HTMLInputElement} */ (byId('answer-with-video'));
const query = new URLSearchParams(location.search);

const token = takeToken();
const client = new HeliographClient({ token });
remote.token = self.token = token;
remote.agent = self.agent = location.origin;
for (const video of [remote, self]) video.format = /** @type {any} */ (query.get('format') ?? 'auto');
peer.value = query.get('to') ?? peer.value;

/** @type {CallSession | undefined} the call that the page shows */
let call;
/** @type {'offline' | 'idle'} without a call */
let rest = 'offline';
let connectedAt = 0;
/** How good the connection is, by the last `quality` event of the call. */
let quality = '';
const otherSide = new OtherSide();
/** The panel that was shown last. */
let panelBefore = 'panel-idle';

const STATUS = /** @type {Record<string, string>} */ ({
  offline: 'No agent',
  idle: 'Ready',
  calling: 'Ringing',
  ringing: 'Incoming call',
  connecting: 'Connecting',
  connected: 'Connected',
  reconnecting: 'Reconnecting',
});

/** What is said of a connection that is not good. */
const QUALITY = /** @type {Record<string, string>} */ ({
  fair: 'Fair connection',
  poor: 'Poor connection',
});

/** What a button's key is, by its id. */
const KEYS = /** @type {Record<string, string>} */ ({ mute: 'M', camera: 'V', record: 'R' });

/** Ends that need no explanation. */
const ORDINARY_ENDS = new Set(['hung_up', 'rejected', 'glare']);

/** Ends that the other side has chosen, after its name. */
const OTHERS_ENDS = /** @type {Record<string, string>} */ ({
  remote_hung_up: 'has hung up.',
});

const WRONG_TOKEN =
  'This link is not valid any more: the agent has another token since it was started anew. ' +
  'Open the link that the agent printed at its last start.';

// What the page shows

function show() {
  const outgoing = call && call.incoming !== true;
  const state = !call ? rest : call.state === 'ringing' && outgoing ? 'calling' : call.state;
  document.body.dataset.state = state;
  document.body.dataset.channel = call?.channel_id ?? '';
  const words = (state === 'connected' && QUALITY[quality]) || STATUS[state];
  byId('status').textContent = words ?? state;
  const ringing = state === 'ringing' || state === 'calling';
  byId('panel-idle').hidden = call !== undefined;
  byId('panel-ringing').hidden = !ringing;
  byId('panel-call').hidden = !call || ringing;
  if (!call) {
    showNoCall();
  } else {
    document.title = `${call.remote_peer} · Heliograph`;
    if (ringing) showRinging(call, state === 'calling');
    else showCall(call);
  }
  const panel = !call ? 'panel-idle' : ringing ? 'panel-ringing' : 'panel-call';
  // A page that has just been opened leaves the focus where it is.
  if (panel !== panelBefore || call) keepFocus(byId(panel), ['peer', 'accept', 'reject', 'mute', 'hangup']);
  panelBefore = panel;
}

function showNoCall() {
  document.title = 'Heliograph';
  remote.channel = self.channel = '';
  connectedAt = 0;
}

/** @param {CallSession} session @param {boolean} outgoing */
function showRinging({ remote_peer, media }, outgoing) {
  const kind = media.video ? 'A video call' : 'A voice call';
  byId('ringing-title').textContent = outgoing ? `Calling ${remote_peer}…` : `${remote_peer} is calling`;
  byId('ringing-note').textContent = outgoing ? 'Waiting for an answer.' : kind;
  byId('accept').hidden = outgoing;
  byId('answer-with-video-choice').hidden = outgoing || !media.video;
  const leave = /** @type {HTMLElement} */ (byId('reject').querySelector('span'));
  leave.textContent = outgoing ? 'Cancel' : 'Reject';
}

/** @param {CallSession} session */
function showCall(session) {
  byId('who').textContent = session.remote_peer;
  byId('camera').hidden = !session.media.video;
  press('mute', !sends('audio'), 'Mute the microphone', 'Unmute the microphone');
  press('camera', !sends('video'), 'Turn the camera off', 'Turn the camera on');
  press('record', session.recording !== undefined, 'Record the call', 'Stop recording');
  byId('recording').hidden = session.recording === undefined;
  byId('recording-file').textContent = session.recording?.files.at(-1) ?? '';
  connectedAt = session.connected_at ? Date.parse(session.connected_at) : 0;
  remote.channel = session.channel_id;
  // The own camera without a picture to send has no stream to look at.
  const ownPicture = sends('video');
  self.hidden = !ownPicture;
  self.channel = ownPicture ? session.channel_id : '';
}

/** Whether the own device of a kind is in the call now. @param {'audio' | 'video'} kind */
const sends = (kind) => call?.local?.[kind] === 'on';

/** @param {string} id @param {boolean} pressed @param {string} off @param {string} on */
function press(id, pressed, off, on) {
  const button = byId(id);
  button.setAttribute('aria-pressed', String(pressed));
  button.setAttribute('aria-label', pressed ? on : off);
  button.title = `${pressed ? on : off} (${KEYS[id]})`;
}

/** @param {string} words */
function tellTrouble(words) {
  byId('trouble-words').textContent = words;
  byId('trouble').hidden = words === '';
}

/** What happened, and is no trouble. @param {string} words */
function tellNotice(words) {
  byId('notice-words').textContent = words;
  byId('notice').hidden = words === '';
}

/** @param {unknown} error */
function tellError(error) {
  const { words, message, status } = /** @type {HeliographError} */ (error);
  tellTrouble(status === 401 ? WRONG_TOKEN : (words ?? message));
}

/** What the other side sends now, as the player has it. */
function lookAtOtherSide() {
  if (call?.state !== 'connected') return otherSide.reset(performance.now());
  const { audio, video } = call.receiving ?? call.media;
  const level = remote.stats?.level;
  // Sound that does not play here is not measured.
  const isHeard = level === undefined || remote.sound !== 'on' || remote.state === 'connecting' || level > 1e-4;
  const isStill = remote.state === 'stalled' || (remote.state === 'playing' && !video);
  otherSide.look(performance.now(), { sound: audio && isHeard, picture: call.media.video ? !isStill : undefined });
}

setInterval(() => {
  lookAtOtherSide();
  // A screen reader reads what changes, and nothing else.
  if (byId('other').textContent !== otherSide.words) byId('other').textContent = otherSide.words;
  const seconds = connectedAt ? Math.floor((Date.now() - connectedAt) / 1000) : 0;
  const two = (/** @type {number} */ n) => String(n).padStart(2, '0');
  byId('clock').textContent = connectedAt ? `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}` : '';
}, 500);

// What the agent tells

client.addEventListener('connection', async (event) => {
  const { connected, error } = /** @type {CustomEvent} */ (event).detail;
  rest = connected ? 'idle' : 'offline';
  if (!connected) {
    tellError(error);
    show();
    if (error?.status === 401) byId('status').textContent = 'Link not valid';
    return;
  }
  tellTrouble('');
  try {
    const sessions = await client.active();
    call = sessions.find(({ state }) => state !== 'ended');
  } catch (failure) {
    tellError(failure);
  }
  show();
});

client.addEventListener('incoming', (event) => {
  if (call) return;
  call = { ...(/** @type {CustomEvent} */ (event).detail), state: 'ringing', incoming: true };
  tellTrouble('');
  tellNotice('');
  show();
});

for (const name of ['state', 'devices']) {
  client.addEventListener(name, (event) => {
    const { detail } = /** @type {CustomEvent} */ (event);
    if (detail.channel_id !== call?.channel_id || detail.state === 'ended') return;
    call = { ...call, ...detail };
    show();
  });
}

client.addEventListener('quality', (event) => {
  const { detail } = /** @type {CustomEvent} */ (event);
  if (detail.channel_id !== call?.channel_id) return;
  quality = detail.grade;
  show();
});

client.addEventListener('recording', (event) => {
  const { detail } = /** @type {CustomEvent} */ (event);
  // After the call too: its file is complete then.
  const file = detail.files?.at(-1);
  if (file && detail.state !== 'recording') {
    byId('notice-recording').textContent = `The recording is in ${file}`;
    byId('recorded').hidden = false;
  }
  if (!call || detail.channel_id !== call.channel_id) return;
  call = { ...call, recording: detail.state === 'recording' ? detail : undefined };
  show();
});

client.addEventListener('ended', (event) => {
  const { detail } = /** @type {CustomEvent} */ (event);
  if (!call || detail.channel_id !== call.channel_id) return;
  const { remote_peer } = call;
  call = undefined;
  quality = '';
  // When both called at once, the other call goes on in its place.
  if (detail.replaced_by) client.active().then(adopt, tellError);
  else if (OTHERS_ENDS[detail.reason]) tellNotice(`${remote_peer} ${OTHERS_ENDS[detail.reason]}`);
  else if (!ORDINARY_ENDS.has(detail.reason)) tellTrouble(detail.message ?? `The call ended: ${detail.reason}.`);
  show();
});

client.addEventListener('error', (event) => {
  tellError(/** @type {CustomEvent} */ (event).detail.error);
});

/** @param {CallSession[]} sessions */
function adopt(sessions) {
  call = sessions.find(({ state }) => state !== 'ended');
  show();
}

// What the user does

/** @param {Promise<unknown>} action */
const tried = (action) => action.catch(tellError);

byId('call-form').addEventListener('submit', (event) => {
  event.preventDefault();
  tellTrouble('');
  tellNotice('');
  const channelId = crypto.randomUUID();
  // A camera that stays closed at first may be turned on during the call.
  const media = { audio: true, video: true };
  const send = { audio: true, video: withVideo.checked };
  const remotePeer = peer.value.trim();
  call = { channel_id: channelId, remote_peer: remotePeer, state: 'ringing', incoming: false, media };
  show();
  client.start(remotePeer, { channelId, media, send, optional: true }).catch((error) => {
    if (call?.channel_id === channelId) call = undefined;
    tellError(error);
    show();
  });
});

byId('accept').addEventListener('click', () => {
  if (!call) return;
  const { channel_id, remote_peer, media } = call;
  const video = media.video && answerWithVideo.checked;
  call = { ...call, state: 'connecting' };
  show();
  // Within this click the engine lets sound play.
  remote.requestSound();
  client.accept(channel_id, remote_peer, { media: { audio: true, video }, optional: true }).catch((error) => {
    if (call?.channel_id === channel_id) call = undefined;
    tellError(error);
    show();
  });
});

byId('reject').addEventListener('click', () => {
  if (!call) return;
  const { channel_id, incoming } = call;
  call = undefined;
  show();
  tried(incoming ? client.reject(channel_id) : client.hangup(channel_id));
});

byId('hangup').addEventListener('click', () => {
  if (call) tried(client.hangup(call.channel_id));
});

/** What comes of it, the `devices` event tells. */
async function toggleMute() {
  if (call) await client.toggleAudio(call.channel_id, sends('audio'));
}

async function toggleCamera() {
  if (call) await client.toggleVideo(call.channel_id, sends('video'));
}

/** What comes of it, the `recording` event tells. */
async function toggleRecording() {
  if (call?.recording) await client.stopRecording(call.channel_id);
  else if (call) await client.startRecording(call.channel_id);
}

byId('record').addEventListener('click', () => tried(toggleRecording()));
byId('mute').addEventListener('click', () => tried(toggleMute()));
byId('camera').addEventListener('click', () => tried(toggleCamera()));
byId('notice-close').addEventListener('click', () => tellNotice(''));
byId('recorded-close').addEventListener('click', () => (byId('recorded').hidden = true));
byId('trouble-close').addEventListener('click', () => tellTrouble(''));

document.addEventListener('keydown', (event) => {
  const typing = event.target instanceof HTMLInputElement;
  if (typing || event.ctrlKey || event.metaKey || event.altKey || byId('panel-call').hidden) return;
  if (event.key === 'm') tried(toggleMute());
  if (event.key === 'v') tried(toggleCamera());
  if (event.key === 'r') tried(toggleRecording());
});

if (token) {
  client.listen();
} else {
  tellTrouble('This address lacks the agent’s token. Open the link that the agent printed when it started.');
}
show();
