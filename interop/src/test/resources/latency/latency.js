// The page of the latency benchmark: shows a call in one of several ways, and notes when each picture is seen.
import './lib/index.js';

const READ_INTERVAL_MS = 5;

const page = {
  /** Code of the picture, and when it was first seen, in milliseconds since 1970. @type {[number, number][]} */
  seen: [],
  element: undefined,
  connection: undefined,
  problems: [],
};
Object.assign(globalThis, { page });
addEventListener('error', ({ message }) => page.problems.push(message));
addEventListener('unhandledrejection', ({ reason }) => page.problems.push(String(reason)));

const put = (element) => {
  page.hide();
  page.element = element;
  document.body.append(element);
};

page.hide = () => {
  page.connection?.close();
  page.connection = undefined;
  page.socket?.close();
  page.socket = undefined;
  page.element?.remove();
  page.element = undefined;
  page.seen = [];
};

/** Heliograph's own element. */
page.showElement = async (attributes, withSound) => {
  const element = document.createElement('heliograph-video');
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.muted = !withSound;
  element.addEventListener('error', ({ detail }) => page.problems.push(String(detail?.message ?? detail)));
  put(element);
  if (withSound) await element.requestSound();
};

/** Milliseconds from an element's being put into the page to the first whole picture. */
page.join = async (attributes, withSound) => {
  const begun = performance.now();
  void page.showElement(attributes, withSound);
  while (code() === null) await new Promise((done) => setTimeout(done, READ_INTERVAL_MS));
  return performance.now() - begun;
};

/** What anybody writes first: every message is appended, and the video plays. */
page.showPlain = (address) => {
  const video = document.createElement('video');
  const source = new MediaSource();
  video.src = URL.createObjectURL(source);
  put(video);
  source.addEventListener('sourceopen', () => {
    const buffer = source.addSourceBuffer('video/webm; codecs="vp8,opus"');
    const waiting = [];
    const append = () => {
      if (!buffer.updating && waiting.length > 0) buffer.appendBuffer(waiting.shift());
    };
    buffer.addEventListener('updateend', append);
    page.socket = new WebSocket(address);
    page.socket.binaryType = 'arraybuffer';
    page.socket.onmessage = ({ data }) => {
      waiting.push(data);
      append();
    };
  });
  video.play().catch((error) => page.problems.push(String(error)));
};

/** The browser's own WebRTC. */
page.answer = async (sdp) => {
  const video = document.createElement('video');
  put(video);
  video.srcObject = new MediaStream();
  const connection = new RTCPeerConnection();
  page.connection = connection;
  connection.ontrack = ({ track }) => video.srcObject.addTrack(track);
  const candidates = [];
  const gathered = new Promise((resolve) => {
    connection.onicecandidate = ({ candidate }) =>
      candidate?.candidate ? candidates.push(candidate.toJSON()) : candidate || resolve();
  });
  await connection.setRemoteDescription({ type: 'offer', sdp });
  await connection.setLocalDescription();
  await gathered;
  video.play().catch((error) => page.problems.push(String(error)));
  return { sdp: connection.localDescription.sdp, candidates };
};
page.addCandidate = (candidate) => page.connection?.addIceCandidate(candidate ?? undefined);

/** The code that is seen; null where there is none. */
const code = () => {
  const within = page.element?.shadowRoot?.querySelectorAll('video, canvas') ?? [page.element];
  for (const picture of within) {
    const found = picture && !picture.hidden ? pictureCode.read(picture) : null;
    if (found !== null) return found;
  }
  return null;
};

let last = null;
setInterval(() => {
  const now = code();
  if (now === null || now === last) return;
  last = now;
  page.seen.push([now, Date.now()]);
}, READ_INTERVAL_MS);

/** A page that was loaded again shows what it showed before. Milliseconds since it began to load. */
if (location.hash) {
  void page.join(...JSON.parse(decodeURIComponent(location.hash.slice(1)))).then(() => {
    page.joined = performance.now();
  });
}
