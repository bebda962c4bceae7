import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReceivedMedia } from '../../remote/received-media.js';
import { OtherSide } from '../../theme/other-side.js';

test('what does not come for a while is told, and what is not known is not', () => {
  const side = new OtherSide();
  side.reset(1000);
  side.look(3000, { sound: false, picture: false });
  assert.equal(side.words, '');
  side.look(5000, { sound: false, picture: false });
  assert.equal(side.words, 'Muted or silent · Camera off');
  side.look(6000, { sound: true, picture: undefined });
  assert.equal(side.words, '');
});

test('received media are seen by what the connection counts', () => {
  const media = new ReceivedMedia();
  const report = (/** @type {number} */ energy, /** @type {number} */ frames) =>
    new Map([
      ['a', { type: 'inbound-rtp', kind: 'audio', totalAudioEnergy: energy }],
      ['v', { type: 'inbound-rtp', kind: 'video', framesReceived: frames }],
      ['o', { type: 'outbound-rtp', kind: 'video' }],
    ]);
  assert.deepEqual(media.look(report(0, 0)), { sound: undefined, picture: undefined });
  assert.deepEqual(media.look(report(0.1, 5)), { sound: true, picture: true });
  assert.deepEqual(media.look(report(0.1, 5)), { sound: false, picture: false });
  assert.deepEqual(media.look([]), { sound: false, picture: false });
});
