package org.heliograph.peer;

/**
 * A W3C webrtc-stats object; the records that implement it have that document's names, units and
 * defaults.
 */
public interface Stats {
  /** The object's identification, stable for its lifetime. */
  String id();

  /** The object's type, such as {@code inbound-rtp}. */
  String type();

  /** When the figures were taken, in milliseconds since 1970. */
  double timestamp();
}
