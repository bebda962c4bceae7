import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backoff } from '../../lib/backoff.js';

test('waits double the time after each failure, up to the limit', () => {
  const backoff = new Backoff({ firstMs: 100, maxMs: 500, random: () => 0 });
  assert.deepEqual([1, 2, 3, 4, 5].map(() => backoff.next()), [100, 200, 400, 500, 500]);
});

test('shortens the wait by at most a half, so that pages do not return together', () => {
  const backoff = new Backoff({ firstMs: 100, random: () => 0.999 });
  assert.equal(backoff.next(), 50);
});

test('begins anew after a success', () => {
  const backoff = new Backoff({ firstMs: 100, random: () => 0 });
  backoff.next();
  backoff.next();
  backoff.succeeded();
  assert.equal(backoff.next(), 100);
  assert.equal(backoff.attempts, 1);
});

test('stays finite after a night of failures', () => {
  const backoff = new Backoff({ maxMs: 8000, random: () => 0 });
  for (let i = 0; i < 5000; i++) backoff.next();
  assert.equal(backoff.next(), 8000);
});
