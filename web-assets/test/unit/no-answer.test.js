import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { explainNoAnswer } from '../../lib/no-answer.js';

const AGENT = 'http://127.0.0.1:7117';
const CAUSE = new TypeError('Load failed');

/** @param {string} origin */
const pageOf = (origin) => Object.defineProperty(globalThis, 'origin', { value: origin, configurable: true });
afterEach(() => Reflect.deleteProperty(globalThis, 'origin'));

/** An engine in which only requests of these modes succeed. @param {RequestMode[]} modes */
function engineAnswering(modes) {
  /** @type {string[]} */
  const asked = [];
  const fetchFunction = async (/** @type {any} */ url, /** @type {any} */ { mode }) => {
    asked.push(`${mode} ${url}`);
    if (modes.includes(mode)) return new Response();
    throw new TypeError('Load failed');
  };
  return { asked, explain: () => explainNoAnswer(AGENT, CAUSE, fetchFunction) };
}

test('an agent that is there, and that the page may not read, refuses its origin', async () => {
  pageOf('wails://wails.localhost:34115');
  const { asked, explain } = engineAnswering(['no-cors']);
  const error = await explain();
  assert.deepEqual([error.code, error.fatal, error.cause], ['forbidden_origin', false, CAUSE]);
  assert.match(error.detail, /origin "wails:\/\/wails\.localhost:34115"/);
  assert.match(error.hint, /HELIOGRAPH_API_ALLOWED_ORIGINS=wails:\/\/wails\.localhost:34115 /);
  assert.deepEqual(asked, [`no-cors ${AGENT}/healthz`, `cors ${AGENT}/healthz`]);
});

test('a page without an origin is not told to add it', async () => {
  pageOf('null');
  const error = await engineAnswering(['no-cors']).explain();
  assert.equal(error.code, 'forbidden_origin');
  assert.doesNotMatch(error.words, /null|ORIGINS/);
});

test('nobody there is nobody there, and so is one who has come up since', async () => {
  assert.equal((await engineAnswering([]).explain()).code, 'agent_unreachable');
  assert.equal((await engineAnswering(['no-cors', 'cors']).explain()).code, 'agent_unreachable');
});

test('an address that is none is not asked', async () => {
  const error = await explainNoAnswer('no address', CAUSE, () => assert.fail('asked'));
  assert.equal(error.code, 'agent_unreachable');
});
