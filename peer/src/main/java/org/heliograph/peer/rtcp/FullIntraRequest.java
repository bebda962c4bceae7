package org.heliograph.peer.rtcp;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.heliograph.peer.rtp.MalformedPacketException;

/**
 * Full intra request (FIR, RFC 5104 4.3.1): asks for key frames.
 *
 * @param senderSsrc who asks
 * @param requests of which sources; not empty
 */
public record FullIntraRequest(long senderSsrc, List<Request> requests) implements RtcpPacket {
  static final int FORMAT = 4;

  /**
   * One source's request.
   *
   * @param ssrc the source that is to send a key frame
   * @param commandSequenceNumber 0 to 255; the same number again is the same command again
   */
  public record Request(long ssrc, int commandSequenceNumber) {}

  public FullIntraRequest {
    requests = List.copyOf(requests);
    if (requests.isEmpty()) {
      throw new IllegalArgumentException("a FIR of nothing");
    }
  }

  static FullIntraRequest parse(ByteBuffer in) throws MalformedPacketException {
    Wire.need(in, 16, "RTCP FIR");
    long senderSsrc = Wire.unsignedInt(in);
    in.getInt(); // the media source is unused: RFC 5104 4.3.1.2
    List<Request> requests = new ArrayList<>();
    while (in.remaining() >= 8) {
      long ssrc = Wire.unsignedInt(in);
      requests.add(new Request(ssrc, in.getInt() >>> 24));
    }
    return new FullIntraRequest(senderSsrc, requests);
  }

  @Override
  public int length() {
    return Wire.HEADER_LENGTH + 8 + 8 * requests.size();
  }

  @Override
  public void write(ByteBuffer out) {
    Wire.putHeader(out, FORMAT, Wire.PAYLOAD_FEEDBACK, length());
    Wire.putUnsignedInt(out, senderSsrc);
    out.putInt(0);
    for (Request request : requests) {
      Wire.putUnsignedInt(out, request.ssrc());
      out.putInt(request.commandSequenceNumber() << 24);
    }
  }
}
