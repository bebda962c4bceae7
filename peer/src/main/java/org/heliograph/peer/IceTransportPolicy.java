package org.heliograph.peer;

/** Which candidates are used (W3C {@code RTCIceTransportPolicy}). */
public enum IceTransportPolicy {
  /** All of them. */
  ALL,
  /**
   * Only those on TURN servers: the other side learns no address of this one, nor does a STUN
   * server.
   */
  RELAY
}
