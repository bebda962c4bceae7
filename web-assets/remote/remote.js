import { RemoteCall } from './remote-call.js';
import { Signaling } from './signaling.js';
import { openMedia } from './open-media.js';
import { fetchIceServers } from './ice-servers.js';
import { keepFocus } from './focus.js';
import { OtherSide } from './other-side.js';
import { ReceivedMedia } from './received-media.js';

/** The page for the other side of a call: an ordinary browser with camera and microphone. */

/** @template {HTMLElement} T @param {string} id @returns {T} */
const byId = (id) => /** @type {T} */ (document.getElementById(id));
const remoteVideo = /** @type {HTMLVideoElement} */ (byId('remote'));
const selfVideo = /** @type {HTMLVideoElement} */ (byId('self'));
const withVideo = /** @type {HTMLInputElement} */ (byId('with-video'));
const answerWithVideo = /** @type {HTMLInputElement} */ (byId('answer-with-video'));

const { peer: name, call: host, token } = takeInvitation();

let signalingOpen = false;
let replaced = false;
let muted = false;
let connectedAt = 0;
let panelBefore = 'panel-idle';
const otherSide = new OtherSide();
const received = new ReceivedMedia();

/**
 * The invitation comes in the link's fragment, which is sent to nobody: the own name, whom to call, and
 * the token that goes with the name. It is kept for reloads of this tab and taken out of the address.
 */
function takeInvitation() {
  const key = 'heliograph-invitation';
  const given = location.hash.slice(1);
  if (given) {
    sessionStorage.setItem(key, given);
    history.replaceState(null, '', location.pathname);
  }
  const parts = new URLSearchParams(given || (sessionStorage.getItem(key) ?? ''));
  const part = (/** @type {string} */ field) => parts.get(field) ?? '';
  return { peer: part('peer'), call: part('call'), token: part('token') };
}

/** @type {Signaling | undefined} */
let signaling;

const call = new RemoteCall(
  name,
  {
    changed: show,
    ended: (words) => {
      muted = false;
      connectedAt = 0;
      tellTrouble(words);
      show();
    },
    trouble: tellTrouble,
  },
  {
    send: (envelope) => signaling?.send(envelope),
    iceServers: () => fetchIceServers(name, token),
    createPeerConnection: (configuration) => new RTCPeerConnection(configuration),
    openMedia,
    createChannelId,
    after: (ms, callback) => {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
  },
);
Object.assign(window, { heliographCall: call });

/** crypto.randomUUID exists in secure pages only; this page may be a plain one on a LAN. */
function createChannelId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

const STATUS = /** @type {Record<string, string>} */ ({
  offline: 'Not connected',
  idle: 'Ready',
  calling: 'Ringing',
  ringing: 'Incoming call',
  connecting: 'Connecting',
  connected: 'Connected',
  reconnecting: 'Reconnecting',
});

function show() {
  const state = call.state === 'idle' && !signalingOpen ? 'offline' : call.state;
  document.body.dataset.state = state;
  document.body.dataset.channel = call.channelId;
  byId('status').textContent = STATUS[state];
  const ringing = state === 'ringing' || state === 'calling';
  const resting = call.state === 'idle';
  byId('panel-idle').hidden = !resting;
  byId('panel-ringing').hidden = !ringing;
  byId('panel-call').hidden = resting || ringing;
  if (resting) showNoCall();
  else if (ringing) showRinging(state === 'calling');
  else showCall();
  const panel = resting ? 'panel-idle' : ringing ? 'panel-ringing' : 'panel-call';
  // A page that has just been opened leaves the focus where it is.
  if (panel !== panelBefore || !resting) {
    keepFocus(byId(panel), ['call', 'accept', 'reject', 'mute', 'hangup']);
  }
  panelBefore = panel;
}

function showNoCall() {
  document.title = 'Heliograph call';
  byId('call-words').textContent = `Call ${host}`;
  byId('take-over').hidden = !replaced;
  byId('call-form').hidden = replaced || !name || !host || !token;
  showStream(remoteVideo, undefined);
  showStream(selfVideo, undefined);
}

/** @param {boolean} outgoing */
function showRinging(outgoing) {
  byId('ringing-title').textContent = outgoing ? `Calling ${call.peer}…` : `${call.peer} is calling`;
  const kind = call.media.video ? 'A video call' : 'A voice call';
  byId('ringing-note').textContent = outgoing ? 'Waiting for an answer.' : kind;
  byId('accept').hidden = outgoing;
  byId('answer-with-video-choice').hidden = outgoing || !call.media.video;
  const leave = /** @type {HTMLElement} */ (byId('reject').querySelector('span'));
  leave.textContent = outgoing ? 'Cancel' : 'Reject';
}

function showCall() {
  document.title = `${call.peer} · Heliograph`;
  byId('who').textContent = call.peer;
  if (call.state === 'connected') connectedAt ||= Date.now();
  const own = call.localStream;
  byId('mute').hidden = !own?.getAudioTracks().length;
  const sendsPicture = Boolean(own?.getVideoTracks().length);
  // It can be had later, whether the call began without it or the browser did not give it.
  byId('camera').hidden = !call.media.video;
  press('mute', muted, 'Mute the microphone', 'Unmute the microphone');
  press('camera', !sendsPicture, 'Turn the camera off', 'Turn the camera on');
  selfVideo.hidden = !sendsPicture;
  showStream(selfVideo, own);
  showStream(remoteVideo, call.remoteStream);
  const pictures = call.remoteStream?.getVideoTracks().some(({ muted: still }) => !still);
  byId('note').textContent =
    call.state === 'connecting'
      ? 'Connecting…'
      : call.state === 'reconnecting'
        ? 'The connection is interrupted. Reconnecting…'
        : (pictures && !otherSide.hasNoPicture) || !call.media.video
          ? ''
          : 'The other side sends no picture at the moment.';
}

/**
 * @param {HTMLVideoElement} video
 * @param {MediaStream | undefined} stream
 */
function showStream(video, stream) {
  if (video.srcObject === (stream ?? null)) return;
  video.srcObject = stream ?? null;
  if (!stream) return;
  video.play().catch((error) => {
    if (error.name !== 'NotAllowedError' || video.muted) return;
    video.muted = true;
    byId('sound').hidden = false;
    video.play().catch(() => {});
  });
}

/** @param {string} id @param {boolean} pressed @param {string} off @param {string} on */
function press(id, pressed, off, on) {
  const button = byId(id);
  button.setAttribute('aria-pressed', String(pressed));
  button.setAttribute('aria-label', pressed ? on : off);
  button.title = pressed ? on : off;
}

/** @param {string} words */
function tellTrouble(words) {
  byId('trouble-words').textContent = words;
  byId('trouble').hidden = words === '';
}

/** What the other side sends now, as the connection counts it. */
async function lookAtOtherSide() {
  const { connection, state, media } = call;
  if (state !== 'connected' || !connection) {
    otherSide.reset(performance.now());
    received.reset();
  } else {
    const seen = received.look(await connection.getStats());
    if (connection !== call.connection) return;
    const had = otherSide.hasNoPicture;
    otherSide.look(performance.now(), { sound: seen.sound, picture: media.video ? seen.picture : undefined });
    if (had !== otherSide.hasNoPicture) show();
  }
  // A screen reader reads what changes, and nothing else.
  if (byId('other').textContent !== otherSide.words) byId('other').textContent = otherSide.words;
}
setInterval(() => void lookAtOtherSide(), 1000);

setInterval(() => {
  const seconds = connectedAt ? Math.floor((Date.now() - connectedAt) / 1000) : 0;
  const two = (/** @type {number} */ n) => String(n).padStart(2, '0');
  byId('clock').textContent = connectedAt ? `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}` : '';
}, 500);

/** A WebSocket does not say why it was refused: an ordinary request does. */
async function tellWhyNotLetIn() {
  try {
    await fetchIceServers(name, token);
  } catch (error) {
    if (signalingOpen || /** @type {{status?: number}} */ (error).status !== 401) return;
    tellTrouble('This invitation is not valid, or not any more. Ask for a new link.');
  }
}

// What the user does

byId('call-form').addEventListener('submit', (event) => {
  event.preventDefault();
  tellTrouble('');
  call.call(host, { audio: true, video: true }, { audio: true, video: withVideo.checked });
});
byId('accept').addEventListener('click', () => {
  tellTrouble('');
  call.accept({ audio: call.media.audio, video: call.media.video && answerWithVideo.checked });
});
byId('reject').addEventListener('click', () => call.hangUp());
byId('hangup').addEventListener('click', () => call.hangUp());
byId('mute').addEventListener('click', () => {
  muted = !muted;
  call.setMuted(muted);
  show();
});
byId('camera').addEventListener('click', async () => {
  tellTrouble('');
  await call.setCamera(!call.localStream?.getVideoTracks().length);
  show();
});
byId('sound').addEventListener('click', () => {
  remoteVideo.muted = false;
  byId('sound').hidden = true;
  remoteVideo.play().catch(() => {});
});
byId('trouble-close').addEventListener('click', () => tellTrouble(''));
byId('take-over').addEventListener('click', () => {
  replaced = false;
  tellTrouble('');
  signaling?.connect();
  show();
});
// A page that goes takes its call with it: say so, instead of letting the other side find out.
addEventListener('pagehide', () => call.hangUp());

if (!name || !host || !token) {
  tellTrouble('This link is not complete. Ask for it again: it holds a name and an invitation.');
} else {
  const address = new URL('../signal', location.href);
  address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  address.search = String(new URLSearchParams({ peer: name, access_token: token }));
  signaling = new Signaling(address.href, {
    opened: () => {
      signalingOpen = true;
      if (call.state === 'idle') tellTrouble('');
      show();
    },
    lost: (stood) => {
      signalingOpen = false;
      tellTrouble(
        stood
          ? 'The connection is lost. Trying again…'
          : 'There is no answer. Trying again…',
      );
      show();
      if (!stood) void tellWhyNotLetIn();
    },
    replaced: () => {
      signalingOpen = false;
      replaced = true;
      tellTrouble('This invitation is in use in another window.');
      show();
    },
    envelope: (envelope) => call.receive(envelope),
    refusal: (refusal) => call.refusedByRendezvous(refusal),
  });
}
show();
