package org.heliograph.peer.rtcp;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.heliograph.peer.rtp.MalformedPacketException;

/**
 * Goodbye (BYE, RFC 3550 6.6), without a reason: a received one is not kept.
 *
 * @param ssrcs the sources that leave
 */
public record Goodbye(List<Long> ssrcs) implements RtcpPacket {
  public Goodbye {
    ssrcs = List.copyOf(ssrcs);
    if (ssrcs.size() > 31) {
      throw new IllegalArgumentException(ssrcs.size() + " sources leave");
    }
  }

  static Goodbye parse(int count, ByteBuffer in) throws MalformedPacketException {
    Wire.need(in, 4 * count, "RTCP BYE");
    List<Long> ssrcs = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      ssrcs.add(Wire.unsignedInt(in));
    }
    return new Goodbye(ssrcs);
  }

  @Override
  public int length() {
    return Wire.HEADER_LENGTH + 4 * ssrcs.size();
  }

  @Override
  public void write(ByteBuffer out) {
    Wire.putHeader(out, ssrcs.size(), Wire.GOODBYE, length());
    ssrcs.forEach(ssrc -> Wire.putUnsignedInt(out, ssrc));
  }
}
