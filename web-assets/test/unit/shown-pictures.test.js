import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ShownPictures } from '../../lib/shown-pictures.js';

const page = { hidden: false };
Object.assign(globalThis, { document: page });

/** A video element that counts its pictures, and tells of them only if a test has it do so. */
class Video extends EventTarget {
  count = 0;
  tell = () => {};

  getVideoPlaybackQuality() {
    return { totalVideoFrames: this.count };
  }

  /** @param {() => void} callback */
  requestVideoFrameCallback(callback) {
    this.tell = callback;
  }

  /** Its time moves on. @param {number} count of the pictures until then */
  move(count) {
    this.count = count;
    this.dispatchEvent(new Event('timeupdate'));
  }
}

function watched() {
  const video = new Video();
  const shown = /** @type {number[]} */ ([]);
  new ShownPictures(/** @type {any} */ (video), (pictures) => shown.push(pictures));
  return { video, shown };
}

// In this order: what an engine does, it does in every element of the page.

test('an engine that never tells of a picture is believed its own count', () => {
  const { video, shown } = watched();
  for (const count of [0, 7, 7, 14]) video.move(count);
  assert.deepEqual(shown, [7, 7]);
});

test('a clock that moves while the count stands still shows no picture', () => {
  const { video, shown } = watched();
  for (const count of [3, 3, 3]) video.move(count);
  assert.deepEqual(shown, []);
});

test('a new source counts from 0', () => {
  const { video, shown } = watched();
  for (const count of [0, 90, 2, 9]) video.move(count);
  assert.deepEqual(shown, [90, 7]);
});

test('nothing is shown in a hidden page', () => {
  const { video, shown } = watched();
  page.hidden = true;
  for (const count of [0, 7, 14]) video.move(count);
  page.hidden = false;
  video.move(16);
  assert.deepEqual(shown, [2]);
});

test('an engine that tells of one picture tells of all', () => {
  const { video, shown } = watched();
  video.move(0);
  video.tell();
  video.tell();
  video.move(9);
  assert.deepEqual(shown, [1, 1]);
});
