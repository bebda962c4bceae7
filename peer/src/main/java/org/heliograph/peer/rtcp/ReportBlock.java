package org.heliograph.peer.rtcp;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.heliograph.peer.rtp.MalformedPacketException;

/**
 * What a receiver says of one source (RFC 3550 6.4.1).
 *
 * @param ssrc the source
 * @param fractionLost the share lost since the last report, in 1/256: 0 to 255
 * @param cumulativeLost packets lost since the beginning, signed 24 bits: duplicates make it fall
 * @param extendedHighestSequenceNumber wraps in the upper, sequence number in the lower 16 bits
 * @param jitter the interarrival jitter in RTP time stamp units
 * @param lastSenderReport the middle 32 bits of the NTP time in the last sender report, 0 if none
 * @param delaySinceLastSenderReport in 1/65536 seconds, 0 if none
 */
public record ReportBlock(
    long ssrc,
    int fractionLost,
    int cumulativeLost,
    long extendedHighestSequenceNumber,
    long jitter,
    long lastSenderReport,
    long delaySinceLastSenderReport) {
  static final int LENGTH = 24;

  /** The most blocks in one report. */
  public static final int MAX_BLOCKS = 31;

  static List<ReportBlock> parse(int count, ByteBuffer in) throws MalformedPacketException {
    Wire.need(in, count * LENGTH, "RTCP report block");
    List<ReportBlock> blocks = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      long ssrc = Wire.unsignedInt(in);
      int lost = in.getInt();
      blocks.add(
          new ReportBlock(
              ssrc,
              lost >>> 24,
              lost << 8 >> 8,
              Wire.unsignedInt(in),
              Wire.unsignedInt(in),
              Wire.unsignedInt(in),
              Wire.unsignedInt(in)));
    }
    return blocks;
  }

  void write(ByteBuffer out) {
    Wire.putUnsignedInt(out, ssrc);
    out.putInt(fractionLost << 24 | (cumulativeLost & 0xffffff));
    Wire.putUnsignedInt(out, extendedHighestSequenceNumber);
    Wire.putUnsignedInt(out, jitter);
    Wire.putUnsignedInt(out, lastSenderReport);
    Wire.putUnsignedInt(out, delaySinceLastSenderReport);
  }

  static List<ReportBlock> checked(List<ReportBlock> blocks) {
    if (blocks.size() > MAX_BLOCKS) {
      throw new IllegalArgumentException(blocks.size() + " report blocks");
    }
    return List.copyOf(blocks);
  }
}
