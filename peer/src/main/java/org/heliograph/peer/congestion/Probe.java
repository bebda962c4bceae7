package org.heliograph.peer.congestion;

/**
 * A short burst at a rate above the present one, to see whether the path carries it.
 *
 * @param id the number that its packets are marked with
 * @param bitsPerSecond the rate at which to send it
 * @param minBytes how much it takes at least to measure the rate
 */
public record Probe(int id, long bitsPerSecond, int minBytes) {
  /** Marks a packet that is part of no probe. */
  public static final int NONE = -1;

  /** Fewer packets than this make no measurement. */
  public static final int MIN_PACKETS = 5;
}
