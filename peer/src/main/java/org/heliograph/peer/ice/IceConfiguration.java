package org.heliograph.peer.ice;

import java.time.Duration;

/**
 * How long an {@link IceAgent} waits before it gives up.
 *
 * @param connectTimeout how long it looks for a first usable pair, from when the remote credentials
 *     are known. A pair may turn up late, from a candidate that was never signalled, so running out
 *     of candidates ends nothing before that (RFC 8863).
 * @param disconnectedAfter how long there is no path that answers before the state is {@link
 *     IceState#DISCONNECTED}
 * @param consentTimeout how long after the last answer sending on the selected pair ends (RFC 7675
 *     5.1: 30 seconds)
 * @param reconnectTimeout how long after that the path was lost the connection fails, if none takes
 *     its place
 * @param includeLoopback whether the other side may be on this machine, so that its loopback
 *     addresses are used
 */
public record IceConfiguration(
    Duration connectTimeout,
    Duration disconnectedAfter,
    Duration consentTimeout,
    Duration reconnectTimeout,
    boolean includeLoopback) {
  /** 30 seconds, 2 seconds, 30 seconds and 30 seconds; no loopback. */
  public static IceConfiguration defaults() {
    return new IceConfiguration(
        Duration.ofSeconds(30),
        Duration.ofSeconds(2),
        Duration.ofSeconds(30),
        Duration.ofSeconds(30),
        false);
  }

  /** The same with another time until a lost connection fails. */
  public IceConfiguration withReconnectTimeout(Duration timeout) {
    return new IceConfiguration(
        connectTimeout, disconnectedAfter, consentTimeout, timeout, includeLoopback);
  }

  /** The same with or without the other side's loopback addresses. */
  public IceConfiguration withLoopback(boolean include) {
    return new IceConfiguration(
        connectTimeout, disconnectedAfter, consentTimeout, reconnectTimeout, include);
  }
}
