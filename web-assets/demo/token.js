const KEY = 'heliograph-token';

/**
 * The agent's token, which comes in the link's fragment (`#token=…`): a fragment is sent to nobody. It is
 * kept for reloads of this tab and taken out of the address, so that nobody copies it by accident.
 * @returns {string}
 */
export function takeToken() {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const given = fragment.get('token');
  if (given) {
    sessionStorage.setItem(KEY, given);
    history.replaceState(null, '', location.pathname + location.search);
  }
  return given ?? sessionStorage.getItem(KEY) ?? '';
}
