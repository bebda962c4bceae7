/**
 * A document with video elements and MediaSource, as far as the player uses them. Nothing plays by itself:
 * a test says when a picture is shown and what time it is.
 */

/** A cluster in the tests says in one number where it lies: its time stamp. */
class FakeSourceBuffer extends EventTarget {
  mode = '';
  updating = false;
  timestampOffset = 0;
  /** @type {{bytes: Uint8Array, offset: number}[]} */
  appended = [];
  /** @type {[number, number][]} */
  removed = [];
  range = [0, 0];
  /** Throws what an engine does whose buffer is full. */
  isFull = false;

  get buffered() {
    return timeRanges(this.range);
  }

  /** @param {Uint8Array} bytes */
  appendBuffer(bytes) {
    if (this.isFull) throw new DOMException('full', 'QuotaExceededError');
    this.appended.push({ bytes, offset: this.timestampOffset });
    this.updating = true;
  }

  /** @param {number} start @param {number} end */
  remove(start, end) {
    this.removed.push([start, end]);
    this.updating = true;
    this.isFull = false;
  }

  /** The engine has done what it was told. */
  updated() {
    this.updating = false;
    this.dispatchEvent(new Event('updateend'));
  }
}

class FakeMediaSource extends EventTarget {
  /** @type {FakeMediaSource[]} */
  static made = [];
  /** @param {string} mime */
  static isTypeSupported = (mime) => !mime.includes('unknown');
  readyState = 'closed';
  buffer = new FakeSourceBuffer();
  mime = '';

  constructor() {
    super();
    FakeMediaSource.made.push(this);
  }

  /** @param {string} mime */
  addSourceBuffer(mime) {
    this.mime = mime;
    return this.buffer;
  }

  open() {
    this.readyState = 'open';
    this.dispatchEvent(new Event('sourceopen'));
  }
}

class FakeVideo extends EventTarget {
  muted = false;
  paused = true;
  ended = false;
  volume = 1;
  currentTime = 0;
  videoWidth = 320;
  videoHeight = 180;
  src = '';
  range = [0, 0];
  /** @type {FakeDiv | undefined} */
  parent;
  #callback = () => {};

  get buffered() {
    return timeRanges(this.range);
  }

  setAttribute() {}

  removeAttribute() {
    this.src = '';
  }

  load() {
    this.paused = true;
  }

  play() {
    this.paused = false;
    return Promise.resolve();
  }

  remove() {
    this.parent?.children.delete(this);
  }

  /** Some engines never count. */
  getVideoPlaybackQuality() {
    return { totalVideoFrames: 0 };
  }

  /** @param {() => void} callback */
  requestVideoFrameCallback(callback) {
    this.#callback = callback;
  }

  /** The engine shows a picture. */
  present() {
    this.#callback();
  }
}

class FakeDiv {
  className = '';
  /** @type {Set<FakeVideo>} */
  children = new Set();

  /** @param {FakeVideo[]} videos */
  append(...videos) {
    for (const video of videos) {
      video.parent = this;
      this.children.add(video);
    }
  }
}

/** @param {number[]} range */
function timeRanges([start, end]) {
  return { length: end > start ? 1 : 0, start: () => start, end: () => end };
}

/** Every 250 ms the player looks after itself: a test does that when it likes. @type {(() => void)[]} */
export const intervals = [];
export const clock = { nowMs: 1000 };
export const sources = FakeMediaSource.made;

Object.assign(globalThis, {
  MediaSource: FakeMediaSource,
  document: {
    hidden: false,
    createElement: (/** @type {string} */ name) => (name === 'video' ? new FakeVideo() : new FakeDiv()),
  },
  setInterval: (/** @type {() => void} */ callback) => intervals.push(callback),
  clearInterval: () => {},
});
URL.createObjectURL = () => 'blob:fake';
performance.now = () => clock.nowMs;
