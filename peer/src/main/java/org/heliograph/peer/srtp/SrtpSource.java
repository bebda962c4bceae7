package org.heliograph.peer.srtp;

/** What one synchronization source's packets have been, in one direction. */
final class SrtpSource {
  private static final int HALF_OF_SEQUENCE_NUMBERS = 1 << 15;
  private static final int SEQUENCE_NUMBERS = 1 << 16;

  final int ssrc;
  final ReplayWindow rtp = new ReplayWindow();
  final ReplayWindow rtcp = new ReplayWindow();

  SrtpSource(int ssrc) {
    this.ssrc = ssrc;
  }

  /**
   * The index that a sequence number most likely stands for: the one nearest to the highest so far
   * (RFC 3711 3.3.1 and appendix A). The roll-over counter starts at 0, so a sequence number far
   * above the first ones is a jump and not one from before the start.
   */
  long rtpIndex(int sequenceNumber) {
    return rtpIndex(rtp.highest(), sequenceNumber);
  }

  static long rtpIndex(long highest, int sequenceNumber) {
    if (highest < 0) {
      return sequenceNumber;
    }
    long candidate = (highest & -SEQUENCE_NUMBERS) | sequenceNumber;
    if (candidate - highest > HALF_OF_SEQUENCE_NUMBERS && candidate >= SEQUENCE_NUMBERS) {
      return candidate - SEQUENCE_NUMBERS;
    }
    if (highest - candidate > HALF_OF_SEQUENCE_NUMBERS) {
      return candidate + SEQUENCE_NUMBERS;
    }
    return candidate;
  }
}
