/**
 * Addresses of the agent's routes. The token goes into the query only where a browser cannot set a
 * header: WebSocket and EventSource.
 */

/**
 * @param {string | undefined | null} agent the agent's base URL, such as `http://127.0.0.1:7117`;
 *     without one, the page's own origin when the agent serves the page
 * @returns {URL}
 */
export function agentBase(agent) {
  const base = agent || (globalThis.location?.protocol.startsWith('http') ? location.origin : '');
  if (!base) {
    throw new TypeError(
      'The address of the Heliograph agent is missing: set agent="http://127.0.0.1:PORT".',
    );
  }
  let url;
  try {
    url = new URL(base.endsWith('/') ? base : `${base}/`);
  } catch {
    throw new TypeError(`"${base}" is not an address of a Heliograph agent (http://127.0.0.1:PORT).`);
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new TypeError(`The agent is reached by http or https, not by ${url.protocol}`);
  }
  return url;
}

/**
 * @param {string | undefined | null} agent
 * @param {string} path such as `api/call/mode`
 * @param {Record<string, string | undefined>} [query] entries without a value are left out
 */
export function httpUrl(agent, path, query = {}) {
  const url = new URL(path, agentBase(agent));
  for (const [name, value] of Object.entries(query)) {
    if (value) url.searchParams.set(name, value);
  }
  return url.href;
}

/**
 * @param {string | undefined | null} agent
 * @param {string} path
 * @param {Record<string, string | undefined>} [query]
 */
export function socketUrl(agent, path, query = {}) {
  const url = new URL(httpUrl(agent, path, query));
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}
