package org.heliograph.peer;

import java.util.List;

/**
 * How a {@link PeerConnection} is set up (after W3C {@code RTCConfiguration}).
 *
 * @param iceServers the servers to gather candidates from
 * @param includeLoopback whether loopback addresses become host candidates; off by default, as in
 *     browsers
 */
public record PeerConfiguration(List<IceServer> iceServers, boolean includeLoopback) {
  public PeerConfiguration {
    iceServers = List.copyOf(iceServers);
  }

  /** No servers; host candidates of every address but loopback. */
  public static PeerConfiguration defaults() {
    return new PeerConfiguration(List.of(), false);
  }
}
