/** A rendezvous that does not answer must not hold the call up for longer. */
const TIMEOUT_MS = 5000;

/** @param {unknown} value @returns {value is Record<string, unknown>} */
const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);

/** @param {unknown} server @returns {server is RTCIceServer} */
const isIceServer = (server) =>
  isObject(server) &&
  Array.isArray(server.urls) &&
  server.urls.every((url) => typeof url === 'string') &&
  [server.username, server.credential].every((word) => word === undefined || typeof word === 'string');

/**
 * Asks the rendezvous for the STUN and TURN servers that the agent uses. Their credentials may end, so
 * each call asks anew.
 *
 * @param {string} name the own one
 * @param {string} token the invitation's
 * @param {typeof fetch} [request]
 * @returns {Promise<RTCIceServer[]>}
 * @throws {Error} in words, if there is no answer, or one that means nothing; with the `status` of a refusal
 */
export async function fetchIceServers(name, token, request = fetch) {
  const response = await request(`../ice?${new URLSearchParams({ peer: name })}`, {
    headers: { Authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const answer = await response.json().catch(() => undefined);
  if (!response.ok) {
    const { status } = response;
    throw Object.assign(new Error(answer?.detail ?? `it answers ${status}`), { status });
  }
  const servers = isObject(answer) ? answer.iceServers : undefined;
  if (!Array.isArray(servers) || !servers.every(isIceServer)) {
    throw new Error('its answer is not understood');
  }
  return servers;
}
