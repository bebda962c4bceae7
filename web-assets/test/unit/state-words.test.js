import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stateWords } from '../../lib/state-words.js';

const LIVE = /** @type {const} */ ({
  callState: 'connected',
  stream: 'remote',
  soundOnly: false,
  hasPlayed: true,
});

test('a live picture needs no words; everything else has some', () => {
  assert.equal(stateWords({ ...LIVE, state: 'playing' }), '');
  for (const state of /** @type {const} */ (['connecting', 'waiting', 'stalled', 'ended', 'failed'])) {
    for (const stream of /** @type {const} */ (['remote', 'self'])) {
      assert.notEqual(stateWords({ ...LIVE, state, stream }), '', `${state} ${stream}`);
    }
  }
});

test('an interrupted call is told, over the last picture too', () => {
  for (const state of /** @type {const} */ (['playing', 'stalled', 'waiting'])) {
    assert.match(stateWords({ ...LIVE, state, callState: 'reconnecting' }), /Reconnecting/);
  }
});

test('a call without a picture is never a silent black one', () => {
  assert.match(stateWords({ ...LIVE, state: 'playing', soundOnly: true }), /Sound only/);
});

test('to connect for the first time is not to have lost anything', () => {
  assert.equal(stateWords({ ...LIVE, state: 'connecting', hasPlayed: false }), 'Connecting…');
  assert.match(stateWords({ ...LIVE, state: 'connecting' }), /lost/);
});
