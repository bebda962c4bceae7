/**
 * The little of WebM that a player must see for itself: which tracks an init segment declares, and
 * where a cluster lies in time and whether it begins a picture that needs no other (RFC 8794, 9559).
 */

const SEGMENT = 0x18538067;
const TRACKS = 0x1654ae6b;
const TRACK_ENTRY = 0xae;
const TRACK_NUMBER = 0xd7;
const TRACK_TYPE = 0x83;
const VIDEO_SETTINGS = 0xe0;
const PIXEL_WIDTH = 0xb0;
const PIXEL_HEIGHT = 0xba;
const CLUSTER = 0x1f43b675;
const TIMESTAMP = 0xe7;
const SIMPLE_BLOCK = 0xa3;
const BLOCK_GROUP = 0xa0;
const VIDEO = 1;

/**
 * @typedef {{id: number, start: number, end: number}} Element content offsets; `end` is that of the
 *     surrounding element where the size is unknown
 * @typedef {{number: number, video: boolean, width?: number, height?: number}} WebmTrack
 * @typedef {{track: number, timeMs: number, key: boolean, payload: Uint8Array}} WebmBlock
 */

/**
 * @param {Uint8Array} bytes
 * @param {number} at
 * @param {boolean} keepMarker true for an element id, whose length bits are part of it
 */
function readVint(bytes, at, keepMarker) {
  const first = bytes[at] ?? 0;
  const length = Math.clz32(first) - 23;
  if (length > 8 || at + length > bytes.length) throw new RangeError(`No EBML number at byte ${at}.`);
  let value = keepMarker ? first : first & (0xff >> length);
  let unknown = !keepMarker && value === 0xff >> length;
  for (let i = 1; i < length; i++) {
    value = value * 256 + bytes[at + i];
    unknown &&= bytes[at + i] === 0xff;
  }
  return { value, length, unknown };
}

/**
 * @param {Uint8Array} bytes
 * @param {number} [start]
 * @param {number} [end]
 * @returns {Generator<Element>}
 */
export function* elements(bytes, start = 0, end = bytes.length) {
  for (let at = start; at < end; ) {
    const id = readVint(bytes, at, true);
    const size = readVint(bytes, at + id.length, false);
    const content = at + id.length + size.length;
    const contentEnd = size.unknown ? end : content + size.value;
    if (contentEnd > end) throw new RangeError(`Element ${id.value.toString(16)} is cut off.`);
    yield { id: id.value, start: content, end: contentEnd };
    at = contentEnd;
  }
}

/**
 * @param {Uint8Array} bytes
 * @param {Element} element
 */
function unsigned(bytes, { start, end }) {
  let value = 0;
  for (let i = start; i < end; i++) value = value * 256 + bytes[i];
  return value;
}

/**
 * @param {Uint8Array} init an init segment
 * @returns {WebmTrack[]}
 */
export function readTracks(init) {
  /** @type {WebmTrack[]} */
  const tracks = [];
  for (const segment of elements(init)) {
    if (segment.id !== SEGMENT) continue;
    for (const part of elements(init, segment.start, segment.end)) {
      if (part.id !== TRACKS) continue;
      for (const entry of elements(init, part.start, part.end)) {
        if (entry.id !== TRACK_ENTRY) continue;
        const track = /** @type {WebmTrack} */ ({ number: 0, video: false });
        for (const field of elements(init, entry.start, entry.end)) {
          if (field.id === TRACK_NUMBER) track.number = unsigned(init, field);
          if (field.id === TRACK_TYPE) track.video = unsigned(init, field) === VIDEO;
          if (field.id !== VIDEO_SETTINGS) continue;
          for (const setting of elements(init, field.start, field.end)) {
            if (setting.id === PIXEL_WIDTH) track.width = unsigned(init, setting);
            if (setting.id === PIXEL_HEIGHT) track.height = unsigned(init, setting);
          }
        }
        tracks.push(track);
      }
    }
  }
  return tracks;
}

/**
 * The blocks of one whole cluster, in milliseconds: the time scale of every live WebM here.
 * @param {Uint8Array} bytes
 * @returns {WebmBlock[]}
 */
export function readCluster(bytes) {
  const [cluster] = elements(bytes);
  if (cluster?.id !== CLUSTER) throw new RangeError('A binary message that is no WebM cluster.');
  /** @type {WebmBlock[]} */
  const blocks = [];
  let clusterTime = 0;
  for (const part of elements(bytes, cluster.start, cluster.end)) {
    if (part.id === TIMESTAMP) clusterTime = unsigned(bytes, part);
    if (part.id !== SIMPLE_BLOCK && part.id !== BLOCK_GROUP) continue;
    const block = part.id === SIMPLE_BLOCK ? part : [...elements(bytes, part.start, part.end)][0];
    const track = readVint(bytes, block.start, false);
    const fixed = new DataView(bytes.buffer, bytes.byteOffset + block.start + track.length, 3);
    blocks.push({
      track: track.value,
      timeMs: clusterTime + fixed.getInt16(0),
      key: part.id === SIMPLE_BLOCK && (fixed.getUint8(2) & 0x80) !== 0,
      payload: bytes.subarray(block.start + track.length + 3, block.end),
    });
  }
  return blocks;
}
