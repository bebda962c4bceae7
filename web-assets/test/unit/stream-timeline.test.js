import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StreamTimeline } from '../../lib/stream-timeline.js';

const PACKET = 0.02;
const PICTURE = 1 / 30;

/**
 * A stream of both tracks, in the order of its times.
 * @param {StreamTimeline} timeline
 * @param {number} from
 * @param {number} to
 */
function play(timeline, from, to, { audio = true, video = true } = {}) {
  const packets = /** @type {{video: boolean, seconds: number}[]} */ ([]);
  const first = (/** @type {number} */ step) => Math.ceil(from / step - 1e-9);
  for (let i = first(PACKET); audio && i * PACKET < to; i++) packets.push({ video: false, seconds: i * PACKET });
  for (let i = first(PICTURE); video && i * PICTURE < to; i++) {
    packets.push({ video: true, seconds: i * PICTURE });
  }
  packets.sort((a, b) => a.seconds - b.seconds);
  const sounds = /** @type {number[]} */ ([]);
  const pictures = /** @type {number[]} */ ([]);
  for (const { video: isVideo, seconds } of packets) {
    const offset = timeline.place(isVideo, seconds);
    if (offset !== undefined) (isVideo ? pictures : sounds).push(seconds + offset);
  }
  return { sounds, pictures };
}

/** @param {number[]} times */
const steps = (times) => times.slice(1).map((time, i) => time - times[i]);
const near = (/** @type {number} */ a, /** @type {number} */ b) => Math.abs(a - b) < 1e-6;

function timeline({ audio = true } = {}) {
  const line = new StreamTimeline();
  line.begin(0, audio);
  return line;
}

test('puts everything where it belongs, from where the stream began', () => {
  const line = new StreamTimeline();
  line.begin(5, true);
  assert.equal(line.place(true, 0.5), 5);
  assert.equal(line.place(false, 0.5), 5);
});

test('a cut leaves no gap in the sound, and is as long as was asked for', () => {
  const line = timeline();
  play(line, 0, 1);
  line.cut(0.2);
  const { sounds } = play(line, 1, 2);
  assert.ok(steps(sounds).every((step) => near(step, PACKET)), `${steps(sounds)}`);
  assert.ok(near(line.skipped, 0.2), `${line.skipped}`);
  assert.ok(near(sounds.at(-1) ?? 0, 2 - PACKET - 0.2));
});

test('no picture is lost in a cut, none goes back, and lips are with the voice afterwards', () => {
  const line = timeline();
  play(line, 0, 1);
  line.cut(0.25);
  const { pictures } = play(line, 1, 2);
  assert.equal(pictures.length, 30);
  assert.ok(steps(pictures).every((step) => step > 0.0009), `${steps(pictures)}`);
  assert.ok(steps(pictures).every((step) => step < 0.07), 'nor is there a gap that a player would stop at');
  assert.ok(near(pictures.at(-1) ?? 0, 2 - PICTURE - line.skipped));
});

test('without sound the pictures themselves begin and end a cut', () => {
  const line = timeline({ audio: false });
  play(line, 0, 1, { audio: false });
  line.cut(0.1);
  const { pictures } = play(line, 1, 2, { audio: false });
  assert.ok(line.skipped >= 0.1 - 1e-9 && line.skipped < 0.1 + 2 * PICTURE);
  assert.ok(steps(pictures).every((step) => step > 0.0009));
  assert.ok(near(pictures.at(-1) ?? 0, 2 - PICTURE - line.skipped));
});

test('a cut is made once, however often it is asked for while it lasts', () => {
  const line = timeline();
  line.cut(0.2);
  play(line, 0, 0.1);
  line.cut(0.2);
  play(line, 0.1, 1);
  assert.ok(near(line.skipped, 0.2));
  assert.equal(line.isCutting, false);
});

test('a new stream ends a cut that the one before had begun', () => {
  const line = timeline();
  line.cut(0.2);
  play(line, 0, 0.1);
  line.begin(3, true);
  assert.equal(line.place(false, 0), 3);
  assert.equal(line.skipped, 0);
});

test('knows which of the stream’s time is shown, before a cut and after it', () => {
  const line = timeline();
  play(line, 0, 1);
  line.cut(0.2);
  play(line, 1, 3);
  assert.ok(near(line.streamTime(0.5), 0.5));
  assert.ok(near(line.streamTime(2), 2.2));
  line.begin(2.8, true);
  assert.ok(near(line.streamTime(2.5), 2.7), 'the end of the stream before is still shown');
  assert.ok(near(line.streamTime(3), 0.2));
});
