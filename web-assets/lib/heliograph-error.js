/**
 * What went wrong, in words for a person, with a stable code for a program. Made from the agent's
 * problem documents (RFC 9457) and by the page's library itself.
 */
export class HeliographError extends Error {
  /**
   * @param {string} code stable, such as `device_busy` or `agent_unreachable`
   * @param {string} detail one sentence: what happened
   * @param {{hint?: string, status?: number, cause?: unknown, fatal?: boolean}} [more]
   */
  constructor(code, detail, { hint = '', status = 0, cause, fatal = true } = {}) {
    super(detail, { cause });
    this.name = 'HeliographError';
    this.code = code;
    /** What happened. */
    this.detail = detail;
    /** What to do about it; empty when there is nothing to do but wait. */
    this.hint = hint;
    /** HTTP status, 0 when no answer came. */
    this.status = status;
    /** False when the library goes on trying by itself. */
    this.fatal = fatal;
  }

  /** Detail and hint together. */
  get words() {
    return this.hint ? `${this.detail} ${this.hint}` : this.detail;
  }
}

/**
 * @param {number} status
 * @param {unknown} body the parsed problem document, or anything else that came instead of one
 */
export function errorFromProblem(status, body) {
  const problem = /** @type {Record<string, unknown>} */ (
    body !== null && typeof body === 'object' ? body : {}
  );
  const text = (/** @type {unknown} */ value) => (typeof value === 'string' ? value : '');
  return new HeliographError(
    text(problem.code) || `http_${status}`,
    text(problem.detail) || text(problem.title) || `The agent answered with status ${status}.`,
    { hint: text(problem.hint), status },
  );
}

/** @param {unknown} [cause] */
export function unreachable(cause) {
  return new HeliographError('agent_unreachable', 'The Heliograph agent does not answer.', {
    hint: 'Check that it is running.',
    cause,
    fatal: false,
  });
}

/**
 * The agent is there, and its answers are not for this page. When its list has changed they are.
 * @param {string} origin the page's; `null` of a page that has none
 * @param {unknown} [cause]
 */
export function forbiddenOrigin(origin, cause) {
  const [detail, hint] =
    origin === 'null'
      ? [
          'The Heliograph agent refuses this page, which has no origin: it is a file, or in a sandbox.',
          'Have the app or a web server hand it out.',
        ]
      : [
          `The Heliograph agent refuses pages of the origin "${origin}", which this page has.`,
          `While you develop, start the agent with HELIOGRAPH_API_ALLOWED_ORIGINS=${origin} in its environment, or add the origin to api.allowed_origins in its configuration.`,
        ];
  return new HeliographError('forbidden_origin', detail, { hint, cause, fatal: false });
}
