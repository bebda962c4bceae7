package org.heliograph.peer.congestion;

import java.util.List;

/**
 * Estimates how much may be sent. Takes what comes back from the receiver; {@link #bitsPerSecond}
 * is the estimate after that. Without a clock or thread of its own.
 */
public interface BandwidthEstimator {
  /** What became of packets, in the order of their numbers. */
  void onTransportFeedback(List<PacketResult> results, long nowNanos);

  /**
   * What a receiver report says.
   *
   * @param fractionLost the share of packets lost since the report before, 0 to 1
   */
  void onReceiverReport(double fractionLost, long nowNanos);

  /** What the receiver itself estimates (REMB): never to be exceeded. */
  void onReceiverEstimate(long bitsPerSecond, long nowNanos);

  /** How much should be sent now, all streams together. */
  long bitsPerSecond();
}
