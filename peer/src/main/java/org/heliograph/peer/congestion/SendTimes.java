package org.heliograph.peer.congestion;

import org.heliograph.peer.rtp.CounterUnwrapper;

/** When packets were sent, by the 24 bits that each carries (abs-send-time): they wrap at 64 s. */
final class SendTimes {
  private final CounterUnwrapper times = CounterUnwrapper.ofBits(24);

  /**
   * The instant in nanoseconds, on the sender's clock; right for 200 days.
   *
   * @param absSendTime in 2^-18 s
   */
  long nanos(int absSendTime) {
    return (times.unwrap(absSendTime) * 1_953_125) >> 9; // 10^9 / 2^18, in lowest terms
  }
}
