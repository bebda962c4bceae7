const ANSWER_WITHIN_MS = 300;

/**
 * Whether the engine lets sound play without a click. Trying it on the video itself would pause the
 * picture in WebKit, so an AudioContext, which falls under the same policy, is asked instead. It stays
 * suspended where a click is needed, without saying so: hence the time limit.
 * @returns {Promise<boolean>}
 */
export function mayPlaySound() {
  const probe = new AudioContext();
  return new Promise((resolve) => {
    const answer = () => {
      clearTimeout(limit);
      probe.onstatechange = null;
      resolve(probe.state === 'running');
      probe.close().catch(() => {});
    };
    const limit = setTimeout(answer, ANSWER_WITHIN_MS);
    probe.onstatechange = () => probe.state === 'running' && answer();
    if (probe.state === 'running') answer();
    else probe.resume().catch(() => {});
  });
}
