package org.heliograph.peer.rtcp;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.heliograph.peer.rtp.MalformedPacketException;

/**
 * Receiver estimated maximum bit rate (REMB, draft-alvestrand-rmcat-remb-03 2.2).
 *
 * @param senderSsrc who estimates
 * @param bitsPerSecond the most that the sources may send together
 * @param ssrcs the sources it holds for
 */
public record ReceiverEstimatedMaximumBitrate(long senderSsrc, long bitsPerSecond, List<Long> ssrcs)
    implements RtcpPacket {
  /** Application layer feedback (RFC 4585 6.4), which REMB marks with its name. */
  static final int FORMAT = 15;

  /** The most sources that one names. */
  public static final int MAX_SSRCS = 255;

  private static final int NAME = 'R' << 24 | 'E' << 16 | 'M' << 8 | 'B';
  private static final int MANTISSA_BITS = 18;

  public ReceiverEstimatedMaximumBitrate {
    ssrcs = List.copyOf(ssrcs);
    if (bitsPerSecond < 0 || ssrcs.size() > MAX_SSRCS) {
      throw new IllegalArgumentException("a REMB out of range");
    }
  }

  /** Null if it is application layer feedback of another kind. */
  static ReceiverEstimatedMaximumBitrate parse(ByteBuffer in) throws MalformedPacketException {
    if (in.remaining() < 12 || in.getInt(8) != NAME) {
      return null;
    }
    long senderSsrc = Wire.unsignedInt(in);
    in.position(12);
    Wire.need(in, 4, "RTCP REMB");
    int countExponentMantissa = in.getInt();
    int count = countExponentMantissa >>> 24;
    int exponent = countExponentMantissa >>> MANTISSA_BITS & 0x3f;
    long mantissa = countExponentMantissa & ((1 << MANTISSA_BITS) - 1);
    // What does not fit into 63 bits is no limit at all.
    long bitsPerSecond =
        (exponent > 62 - MANTISSA_BITS && mantissa != 0) ? Long.MAX_VALUE : mantissa << exponent;
    Wire.need(in, 4 * count, "RTCP REMB");
    List<Long> ssrcs = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      ssrcs.add(Wire.unsignedInt(in));
    }
    return new ReceiverEstimatedMaximumBitrate(senderSsrc, bitsPerSecond, ssrcs);
  }

  @Override
  public int length() {
    return Wire.HEADER_LENGTH + 16 + 4 * ssrcs.size();
  }

  @Override
  public void write(ByteBuffer out) {
    int exponent = Math.max(0, 64 - Long.numberOfLeadingZeros(bitsPerSecond) - MANTISSA_BITS);
    Wire.putHeader(out, FORMAT, Wire.PAYLOAD_FEEDBACK, length());
    Wire.putUnsignedInt(out, senderSsrc);
    out.putInt(0);
    out.putInt(NAME);
    out.putInt(ssrcs.size() << 24 | exponent << MANTISSA_BITS | (int) (bitsPerSecond >> exponent));
    ssrcs.forEach(ssrc -> Wire.putUnsignedInt(out, ssrc));
  }
}
