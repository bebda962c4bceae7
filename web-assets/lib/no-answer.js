import { httpUrl } from './agent-address.js';
import { forbiddenOrigin, unreachable } from './heliograph-error.js';

/**
 * Why a request brought no answer. An engine tells a page the same whether nobody is there or somebody
 * is who refuses the page's origin. But it lets every page ask without reading the answer, and that fails
 * only where nobody is there. (An agent that has just come up lets itself be read, too.)
 *
 * @param {string | undefined} agent its address
 * @param {unknown} cause what the engine said
 * @param {typeof fetch} [fetchFunction]
 */
export async function explainNoAnswer(agent, cause, fetchFunction = fetch) {
  const answers = async (/** @type {RequestMode} */ mode) => {
    try {
      await fetchFunction(httpUrl(agent, 'healthz'), { mode, cache: 'no-store' });
      return true;
    } catch {
      return false;
    }
  };
  const refused = (await answers('no-cors')) && !(await answers('cors'));
  return refused ? forbiddenOrigin(globalThis.origin, cause) : unreachable(cause);
}
