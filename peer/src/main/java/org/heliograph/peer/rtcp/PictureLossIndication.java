package org.heliograph.peer.rtcp;

import java.nio.ByteBuffer;
import org.heliograph.peer.rtp.MalformedPacketException;

/**
 * Picture loss indication (PLI, RFC 4585 6.3.1): the decoder cannot go on without a key frame.
 *
 * @param senderSsrc who asks
 * @param mediaSsrc the source that is to send the key frame
 */
public record PictureLossIndication(long senderSsrc, long mediaSsrc) implements RtcpPacket {
  static final int FORMAT = 1;

  static PictureLossIndication parse(ByteBuffer in) throws MalformedPacketException {
    Wire.need(in, 8, "RTCP PLI");
    return new PictureLossIndication(Wire.unsignedInt(in), Wire.unsignedInt(in));
  }

  @Override
  public int length() {
    return Wire.HEADER_LENGTH + 8;
  }

  @Override
  public void write(ByteBuffer out) {
    Wire.putHeader(out, FORMAT, Wire.PAYLOAD_FEEDBACK, length());
    Wire.putUnsignedInt(out, senderSsrc);
    Wire.putUnsignedInt(out, mediaSsrc);
  }
}
