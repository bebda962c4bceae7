import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { element, unsigned } from '../engines/support/ebml-writer.js';
import { clock, intervals, sources } from './fake-media-source.js';
import { spareVideos } from '../../lib/spare-videos.js';
import { SegmentsPlayer, canPlaySegments } from '../../lib/segments-player.js';

const BOTH = 'video/webm; codecs="vp8,opus"';
const PICTURE = 'video/webm; codecs="vp8"';
const SOUND = 'audio/webm; codecs="opus"';
const VIDEO = 1;
const AUDIO = 2;

/** @param {number[]} tracks */
const init = (...tracks) =>
  element(
    0x18538067,
    element(
      0x1654ae6b,
      ...tracks.map((number) =>
        element(0xae, element(0xd7, unsigned(number)), element(0x83, unsigned(number))),
      ),
    ),
  );

/** @param {number} track @param {number} timeMs @param {boolean} [key] */
const cluster = (track, timeMs, key = false) =>
  element(
    0x1f43b675,
    element(0xe7, unsigned(timeMs)),
    element(0xa3, Buffer.from([0x80 | track, 0, 0, key ? 0x80 : 0, 7])),
  );

/** @param {number} width @param {number} height */
const pictureOf = (width, height) =>
  element(
    0x18538067,
    element(
      0x1654ae6b,
      element(
        0xae,
        element(0xd7, unsigned(VIDEO)),
        element(0x83, unsigned(VIDEO)),
        element(0xe0, element(0xb0, unsigned(width)), element(0xba, unsigned(height))),
      ),
    ),
  );

beforeEach(() => {
  sources.length = 0;
  intervals.length = 0;
});

function player() {
  const sent = /** @type {any[]} */ ([]);
  const said = /** @type {any[]} */ ([]);
  const segments = new SegmentsPlayer({
    send: (message) => sent.push(message.type),
    tracksChanged: (tracks) => said.push(['tracks', tracks]),
    pictureShown: () => said.push(['picture']),
    resized: () => {},
    soundChanged: (running) => said.push(['sound', running]),
    connectionNeeded: () => said.push(['connectionNeeded']),
    failed: (error) => said.push(['failed', error.code]),
  });
  const receive = (/** @type {Buffer} */ bytes) =>
    segments.receiveBinary(new Uint8Array(bytes).buffer);
  const begin = (/** @type {string} */ mime, /** @type {number[]} */ ...tracks) => {
    segments.receiveText({ type: 'init', mime });
    receive(init(...tracks));
  };
  /** The fakes that are in the page: the first is in front. @returns {any[]} */
  const videos = () => [.../** @type {any} */ (segments.element).children];
  const tend = (afterMs = 250) => {
    clock.nowMs += afterMs;
    for (const look of intervals) look();
  };
  return { segments, sent, said, receive, begin, videos, tend };
}

/** A player that shows a stream of picture and sound. */
function playing() {
  const made = player();
  made.begin(BOTH, VIDEO, AUDIO);
  const [source] = sources;
  source.open();
  source.buffer.updated();
  made.receive(cluster(VIDEO, 0, true));
  source.buffer.updated();
  made.videos()[0].present();
  return { ...made, source, buffer: source.buffer };
}

test('this engine plays live WebM', () => assert.equal(canPlaySegments(), true));

test('plays before anything is appended, in the exact type, in segments', () => {
  const { begin, videos } = player();
  begin(BOTH, VIDEO, AUDIO);
  const [source] = sources;
  assert.equal(videos()[0].paused, false);
  assert.equal(source.buffer.appended.length, 0);
  source.open();
  assert.equal(source.mime, BOTH);
  assert.equal(source.buffer.mode, 'segments');
  assert.equal(source.buffer.appended.length, 1);
});

test('a type that the engine does not play is a failure', () => {
  const { begin, said } = player();
  begin('video/webm; codecs="unknown"', VIDEO);
  assert.deepEqual(said.at(-1), ['failed', 'format_unsupported']);
});

test('what comes while the engine is at work is appended as one', () => {
  const { buffer, receive } = playing();
  const before = buffer.appended.length;
  receive(cluster(VIDEO, 33));
  receive(cluster(AUDIO, 20, true));
  receive(cluster(AUDIO, 40, true));
  assert.equal(buffer.appended.length, before + 1);
  buffer.updated();
  assert.equal(buffer.appended.length, before + 2);
  assert.equal(buffer.appended.at(-1)?.bytes.length, cluster(AUDIO, 20).length * 2);
});

test('a stream of the same type goes on where the one before ends', () => {
  const { buffer, begin, receive } = playing();
  buffer.range = [0, 4];
  begin(BOTH, VIDEO, AUDIO);
  assert.equal(buffer.appended.at(-1)?.offset, 4);
  buffer.updated();
  receive(cluster(VIDEO, 0, true));
  assert.equal(buffer.appended.at(-1)?.offset, 4);
  assert.equal(sources.length, 1);
});

test('one of another type begins behind, and takes over with its first picture', () => {
  const { begin, videos, segments, said } = playing();
  const [front] = videos();
  begin(PICTURE, VIDEO);
  assert.equal(sources.length, 2);
  assert.equal(videos()[0], front);
  const back = videos()[1];
  assert.equal(back.muted, true);
  said.length = 0;
  back.present();
  assert.deepEqual(videos(), [back]);
  assert.equal(front.src, '', 'what the engine held for the old one is given up');
  assert.deepEqual(said, [['picture']]);
  assert.equal(segments.stats().rebuilds, 1);
});

test('sound alone takes over when its clock moves', () => {
  const { begin, videos } = playing();
  begin(SOUND, AUDIO);
  const back = videos()[1];
  back.dispatchEvent(new Event('timeupdate'));
  assert.equal(videos().length, 2);
  back.currentTime = 0.1;
  back.dispatchEvent(new Event('timeupdate'));
  assert.deepEqual(videos(), [back]);
});

test('a click for the sound holds: muted and taken back, it needs no other', async () => {
  const { segments, videos } = playing();
  // No click but this one: the engine is not asked with an element of its own, there is no Audio here.
  await segments.setSound(true, true);
  await segments.setSound(false);
  assert.equal(videos()[0].muted, true);
  assert.equal(await segments.setSound(true), true);
  assert.equal(videos()[0].muted, false);
});

test('where a click came before the stream, the sound needs no other', async () => {
  spareVideos.fill();
  const { segments, videos } = playing();
  // The engine is not asked with an element of its own: there is no Audio here.
  assert.equal(await segments.setSound(true), true);
  assert.equal(videos()[0].muted, false);
});

test('the sound changes over with the picture, and neither moment is without it', async () => {
  const { segments, begin, videos } = playing();
  assert.equal(await segments.setSound(true, true), true);
  const [front] = videos();
  begin(PICTURE, VIDEO);
  const back = videos()[1];
  assert.deepEqual([front.muted, back.muted], [false, true]);
  back.present();
  assert.deepEqual([front.muted, back.muted], [true, false]);
});

test('an engine that pauses what is unmuted is obeyed, and told of', async () => {
  const { segments, videos, said } = playing();
  await segments.setSound(true, true);
  videos()[0].dispatchEvent(new Event('pause'));
  assert.equal(videos()[0].muted, true);
  assert.deepEqual(said.at(-1), ['sound', false]);
});

test('a new start waits for a key frame, and is asked for until it comes', () => {
  const { segments, sent, receive, tend, videos } = playing();
  segments.rebuild();
  assert.deepEqual(sent, ['keyframe']);
  receive(cluster(VIDEO, 33));
  assert.equal(sources.length, 1);
  tend(600);
  assert.deepEqual(sent, ['keyframe', 'keyframe']);
  receive(cluster(VIDEO, 66, true));
  assert.equal(sources.length, 2);
  sources[1].open();
  sources[1].buffer.updated();
  assert.equal(sources[1].buffer.appended.at(-1)?.offset, -0.066, 'its time begins with the key frame');
  videos()[1].present();
  tend(600);
  assert.deepEqual(sent, ['keyframe', 'keyframe']);
});

test('a player that is far behind begins anew', () => {
  const { sent, videos, tend } = playing();
  videos()[0].range = [0, 10];
  videos()[0].currentTime = 9.5;
  tend(1000);
  assert.deepEqual(sent, []);
  videos()[0].currentTime = 9;
  tend();
  assert.deepEqual(sent, ['keyframe']);
});

test('pictures that come and are not shown for two seconds make a new start', () => {
  const { sent, receive, tend } = playing();
  for (let ms = 0; ms <= 2500; ms += 250) {
    receive(cluster(VIDEO, 100 + ms));
    tend();
  }
  assert.ok(sent.includes('keyframe'));
});

test('an engine whose buffer is full is given room at a key frame, and loses nothing', () => {
  const { buffer, receive, videos } = playing();
  videos()[0].currentTime = 60;
  buffer.range = [0, 60];
  receive(cluster(VIDEO, 30_000, true));
  buffer.updated();
  buffer.isFull = true;
  receive(cluster(VIDEO, 60_000));
  assert.deepEqual(buffer.removed, [[0, 30]]);
  const before = buffer.appended.length;
  buffer.updated();
  assert.equal(buffer.appended.length, before + 1);
});

test('what has been too much for two seconds is cut out of what comes', () => {
  const { buffer, receive, videos, tend, segments } = playing();
  const [video] = videos();
  let streamMs = 20;
  const play = (/** @type {number} */ ms, /** @type {number} */ behind) => {
    for (const endMs = streamMs + ms; streamMs < endMs; streamMs += 20) {
      video.range = [0, streamMs / 1000];
      video.currentTime = streamMs / 1000 - behind;
      receive(cluster(AUDIO, streamMs, true));
      buffer.updated();
      if (streamMs % 240 === 0) tend(240);
    }
  };
  play(4000, 0.3);
  assert.ok((segments.stats().skipped ?? 0) > 0.15);
  assert.ok((buffer.appended.at(-1)?.offset ?? 0) < -0.15);
});

test('nothing is left of a player that was closed', () => {
  const { segments, videos, said } = playing();
  const [video] = videos();
  segments.close();
  assert.equal(video.src, '');
  said.length = 0;
  video.present();
  assert.deepEqual(said, []);
});

test('a picture that is too large never reaches the engine, and is told once; a smaller one plays', () => {
  const { segments, said, receive } = player();
  for (const [width, height] of [[16_000, 16_000], [16_384, 1], [0, 480]]) {
    segments.receiveText({ type: 'init', mime: PICTURE });
    receive(pictureOf(width, height));
    receive(cluster(VIDEO, 0, true));
  }
  assert.equal(sources.length, 0);
  assert.deepEqual(said, [['failed', 'picture_too_large']]);

  segments.receiveText({ type: 'init', mime: PICTURE });
  receive(pictureOf(4096, 4096));
  assert.equal(sources.length, 1);
});
