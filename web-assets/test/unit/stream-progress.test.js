import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StreamProgress } from '../../lib/stream-progress.js';

const BOTH = { video: true, audio: true };
const SOUND = { video: false, audio: true };

/** A stream of both that plays since time 0. */
function playing() {
  const progress = new StreamProgress();
  progress.opened();
  progress.tracksChanged(BOTH, 0);
  progress.pictureShown(0);
  return progress;
}

test('connects, waits for the picture, plays', () => {
  const progress = new StreamProgress();
  assert.equal(progress.state, 'connecting');
  progress.opened();
  assert.equal(progress.state, 'waiting');
  progress.tracksChanged(BOTH, 0);
  progress.pictureShown(100);
  assert.equal(progress.state, 'playing');
});

test('a picture out of the buffer of a broken connection is not playing', () => {
  const progress = playing();
  progress.lost();
  progress.pictureShown(10);
  assert.equal(progress.state, 'connecting');
  progress.opened();
  assert.equal(progress.state, 'waiting');
});

test('stalls after two and a half seconds without a picture, and plays with the next', () => {
  const progress = playing();
  progress.look(2500, true);
  assert.equal(progress.state, 'playing');
  progress.look(2501, true);
  assert.equal(progress.state, 'stalled');
  progress.pictureShown(3000);
  assert.equal(progress.state, 'playing');
});

test('a hidden page shows nothing and has not stalled, and has time when it is seen again', () => {
  const progress = playing();
  progress.look(60_000, false);
  assert.equal(progress.state, 'playing');
  progress.seen(60_000);
  progress.look(61_000, true);
  assert.equal(progress.state, 'playing');
});

test('sound alone plays when no picture has come for a while', () => {
  const progress = new StreamProgress();
  progress.opened();
  progress.tracksChanged(SOUND, 0);
  progress.look(1000, true);
  assert.equal(progress.state, 'waiting');
  progress.tracksChanged(SOUND, 1000);
  progress.look(1600, true);
  assert.equal(progress.state, 'playing', 'announced twice, it is still the same sound');
  assert.equal(progress.soundOnly, true);
});

test('a camera that goes off leaves the sound playing, and comes back with time to begin', () => {
  const progress = playing();
  progress.look(2600, true);
  progress.tracksChanged(SOUND, 2700);
  progress.look(2700, true);
  assert.equal(progress.state, 'playing');
  progress.tracksChanged(BOTH, 60_000);
  progress.look(61_000, true);
  assert.equal(progress.state, 'playing');
});
