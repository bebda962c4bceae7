package org.heliograph.peer.ice;

import java.time.Duration;

/**
 * How long an {@link IceAgent} waits before it gives up.
 *
 * @param connectTimeout how long it looks for a first usable pair, from when the remote credentials
 *     are known. A pair may turn up late, from a candidate that was never signalled, so running out
 *     of candidates ends nothing before that (RFC 8863).
 * @param disconnectedAfter how long the selected pair's checks stay unanswered before the state is
 *     {@link IceState#DISCONNECTED}
 * @param consentTimeout how long after the last answer sending on the selected pair ends, and with
 *     it the connection (RFC 7675 5.1: 30 seconds)
 */
public record IceConfiguration(
    Duration connectTimeout, Duration disconnectedAfter, Duration consentTimeout) {
  /** 30 seconds, 3 seconds and 30 seconds. */
  public static IceConfiguration defaults() {
    return new IceConfiguration(
        Duration.ofSeconds(30), Duration.ofSeconds(3), Duration.ofSeconds(30));
  }
}
