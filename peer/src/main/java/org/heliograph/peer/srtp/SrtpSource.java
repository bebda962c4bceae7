package org.heliograph.peer.srtp;

/** What one synchronization source's packets have been, in one direction. */
final class SrtpSource {
  private static final int HALF_OF_SEQUENCE_NUMBERS = 1 << 15;
  private static final int SEQUENCE_NUMBERS = 1 << 16;

  /** What {@link #lastUse} is of a source that {@link SrtpSources} does not have in use. */
  static final long NOT_IN_USE = 0;

  final int ssrc;
  final ReplayWindow rtp;
  final ReplayWindow rtcp;
  long lastUse = NOT_IN_USE;

  /** A source that was never used. */
  SrtpSource(int ssrc) {
    this.ssrc = ssrc;
    this.rtp = new ReplayWindow();
    this.rtcp = new ReplayWindow();
  }

  /**
   * A source that goes on where it left off.
   *
   * @param highestRtp the highest index of its RTP packets, or -1
   * @param highestRtcp the highest index of its RTCP packets, or -1
   */
  SrtpSource(int ssrc, long highestRtp, long highestRtcp) {
    this.ssrc = ssrc;
    this.rtp = new ReplayWindow(highestRtp);
    this.rtcp = new ReplayWindow(highestRtcp);
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
