package org.heliograph.peer;

import java.time.Duration;
import java.util.List;

/**
 * How a {@link PeerConnection} is set up (after W3C {@code RTCConfiguration}).
 *
 * @param iceServers the servers to gather candidates from
 * @param includeLoopback whether loopback addresses become host candidates; off by default, as in
 *     browsers
 * @param reconnectTimeout how long a connection whose path was lost looks for another one before it
 *     fails
 */
public record PeerConfiguration(
    List<IceServer> iceServers, boolean includeLoopback, Duration reconnectTimeout) {
  /** How long a lost path is looked for where nothing else is said. */
  public static final Duration RECONNECT_TIMEOUT = Duration.ofSeconds(30);

  public PeerConfiguration {
    iceServers = List.copyOf(iceServers);
  }

  /** With the usual {@link #RECONNECT_TIMEOUT}. */
  public PeerConfiguration(List<IceServer> iceServers, boolean includeLoopback) {
    this(iceServers, includeLoopback, RECONNECT_TIMEOUT);
  }

  /** No servers; host candidates of every address but loopback. */
  public static PeerConfiguration defaults() {
    return new PeerConfiguration(List.of(), false);
  }

  /** The same with another time until a lost connection fails. */
  public PeerConfiguration withReconnectTimeout(Duration timeout) {
    return new PeerConfiguration(iceServers, includeLoopback, timeout);
  }
}
