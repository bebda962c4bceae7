package org.heliograph.peer.stats;

import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * How good a connection is, in three figures and the grade that follows from them.
 *
 * @param roundTripTime in seconds; empty before it is known
 * @param fractionLost the worst share of packets lost of any stream, sent or received, 0 to 1;
 *     empty while nothing is sent or received
 * @param bitsPerSecond what the picture that is received takes, RTP headers and below apart; empty
 *     while no picture is received
 */
public record ConnectionQuality(
    OptionalDouble roundTripTime, OptionalDouble fractionLost, OptionalLong bitsPerSecond) {
  /** A grade, the better the earlier. */
  public enum Grade {
    /** A round trip up to 100 ms, up to 2 % lost, 500 kbit/s and more. */
    GOOD,
    /** A round trip up to 300 ms, up to 5 % lost, 200 kbit/s and more. */
    FAIR,
    /** Anything beyond. */
    POOR
  }

  /** The grade of the worst of the figures that are known; good where none is. */
  public Grade grade() {
    double seconds = roundTripTime.orElse(0);
    double lost = fractionLost.orElse(0);
    long bits = bitsPerSecond.orElse(Long.MAX_VALUE);
    if (seconds > 0.3 || lost > 0.05 || bits < 200_000) {
      return Grade.POOR;
    }
    return seconds > 0.1 || lost > 0.02 || bits < 500_000 ? Grade.FAIR : Grade.GOOD;
  }
}
