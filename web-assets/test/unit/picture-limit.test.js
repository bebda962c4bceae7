import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitsPage, tooLarge } from '../../lib/picture-limit.js';

test('a picture fits up to 4096×4096, or as many pixels of another shape', () => {
  for (const [width, height] of [[1, 1], [1280, 720], [4096, 4096], [8192, 2048], [16_383, 1024], [1024, 16_383]]) {
    assert.ok(fitsPage(width, height), `${width}×${height}`);
  }
});

test('one pixel more does not, and neither does a side that no codec here has', () => {
  for (const [width, height] of [[4097, 4096], [4096, 4097], [16_384, 1], [1, 16_384], [16_000, 16_000], [2 ** 40, 2 ** 40]]) {
    assert.ok(!fitsPage(width, height), `${width}×${height}`);
  }
});

test('what is no size does not fit', () => {
  for (const bad of [0, -1, 1.5, NaN, Infinity, /** @type {any} */ ('640'), /** @type {any} */ (null)]) {
    assert.ok(!fitsPage(bad, 480), `${bad}`);
    assert.ok(!fitsPage(640, bad), `${bad}`);
  }
});

test('a size that is not said is judged when the picture is there', () => {
  assert.ok(fitsPage(undefined, undefined));
});

test('the words hold numbers only, whatever an agent says', () => {
  const { words, code, fatal } = tooLarge(/** @type {any} */ ('<img src=x>'), 16_000);
  assert.match(words, /^A picture of NaN×16000 pixels is not shown\./);
  assert.deepEqual([code, fatal], ['picture_too_large', false]);
});
