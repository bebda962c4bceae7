import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCluster, readTracks } from '../../lib/webm.js';

/** @param {string} hex */
const bytes = (hex) => Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'));

const INIT = bytes(`
  1a45dfa3 80
  18538067 01ffffffffffffff
    1549a966 87 2ad7b1 83 0f4240
    1654ae6b 94
      ae 88 d7 81 01  83 81 01  ec 80
      ae 88 d7 81 02  83 81 02  ec 80`);

test('an init segment tells which tracks there are, behind a segment of unknown size', () => {
  assert.deepEqual(readTracks(INIT), [
    { number: 1, video: true },
    { number: 2, video: false },
  ]);
});

test('an init segment tells how large the picture is', () => {
  const init = bytes('18538067 98 1654ae6b 93 ae 91 d7 81 01 83 81 01 e0 89 b0 83 013e80 ba 82 0438');
  assert.deepEqual(readTracks(init), [{ number: 1, video: true, width: 81536, height: 1080 }]);
});

test('a cluster tells the time, the track and whether it is a key frame', () => {
  const key = bytes('1f43b675 8c e7 82 03e8 a3 86 81 0014 80 aabb');
  const [block] = readCluster(key);
  assert.deepEqual([block.track, block.timeMs, block.key], [1, 1020, true]);
  assert.deepEqual([...block.payload], [0xaa, 0xbb]);
  const delta = bytes('1f43b675 8c e7 82 03e8 a3 86 82 ffff 00 aabb');
  assert.deepEqual(readCluster(delta).map(({ timeMs, key }) => [timeMs, key]), [[999, false]]);
});

test('a time beyond 32 bits of milliseconds is kept', () => {
  const [block] = readCluster(bytes('1f43b675 90 e7 88 0000000200000000 a3 84 81 0000 80'));
  assert.equal(block.timeMs, 0x200000000);
});

test('what is no cluster, or is cut off, is refused by a RangeError', () => {
  for (const bad of ['', '00', 'ff', '1a45dfa3 80', '1f43b675 8c e7 82 03', 'a3 86 81']) {
    assert.throws(() => readCluster(bytes(bad)), RangeError, bad);
  }
});

test('no bytes whatever make the reader hang or throw anything else', () => {
  let seed = 42;
  const random = () => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) / 0x7fffffff;
  const good = bytes('1f43b675 8c e7 82 03e8 a3 86 81 0014 80 aabb');
  for (let round = 0; round < 5000; round++) {
    const bad = round % 2 ? INIT.slice() : good.slice();
    for (let i = 0; i < 3; i++) bad[Math.floor(random() * bad.length)] = Math.floor(random() * 256);
    for (const reader of [readCluster, readTracks]) {
      try {
        reader(bad);
      } catch (error) {
        assert.ok(error instanceof RangeError, `${error}`);
      }
    }
  }
});
