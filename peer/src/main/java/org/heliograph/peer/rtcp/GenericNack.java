package org.heliograph.peer.rtcp;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.heliograph.peer.rtp.MalformedPacketException;

/**
 * Generic NACK (RFC 4585 6.2.1): asks for packets again.
 *
 * @param senderSsrc who asks
 * @param mediaSsrc the source whose packets are missing
 * @param sequenceNumbers the missing packets, 0 to 65535 each, in rising order modulo 2^16 for the
 *     shortest encoding; not empty
 */
public record GenericNack(long senderSsrc, long mediaSsrc, List<Integer> sequenceNumbers)
    implements RtcpPacket {
  static final int FORMAT = 1;

  public GenericNack {
    sequenceNumbers = List.copyOf(sequenceNumbers);
    if (sequenceNumbers.isEmpty()) {
      throw new IllegalArgumentException("a NACK of nothing");
    }
  }

  static GenericNack parse(ByteBuffer in) throws MalformedPacketException {
    Wire.need(in, 12, "RTCP NACK");
    long senderSsrc = Wire.unsignedInt(in);
    long mediaSsrc = Wire.unsignedInt(in);
    List<Integer> numbers = new ArrayList<>();
    while (in.remaining() >= 4) {
      int packetId = in.getShort() & 0xffff;
      int following = in.getShort() & 0xffff;
      numbers.add(packetId);
      for (int bit = 0; bit < 16; bit++) {
        if ((following >>> bit & 1) != 0) {
          numbers.add((packetId + bit + 1) & 0xffff);
        }
      }
    }
    return new GenericNack(senderSsrc, mediaSsrc, numbers);
  }

  /** How many numbers, from this index on, one element (a number and a bit mask of 16) holds. */
  private int elementSize(int from) {
    int size = 1;
    int previous = 0;
    while (from + size < sequenceNumbers.size()) {
      int distance = (sequenceNumbers.get(from + size) - sequenceNumbers.get(from)) & 0xffff;
      if (distance <= previous || distance > 16) {
        break;
      }
      previous = distance;
      size++;
    }
    return size;
  }

  @Override
  public int length() {
    int elements = 0;
    for (int i = 0; i < sequenceNumbers.size(); i += elementSize(i)) {
      elements++;
    }
    return Wire.HEADER_LENGTH + 8 + 4 * elements;
  }

  @Override
  public void write(ByteBuffer out) {
    Wire.putHeader(out, FORMAT, Wire.TRANSPORT_FEEDBACK, length());
    Wire.putUnsignedInt(out, senderSsrc);
    Wire.putUnsignedInt(out, mediaSsrc);
    for (int i = 0; i < sequenceNumbers.size(); ) {
      int size = elementSize(i);
      int packetId = sequenceNumbers.get(i);
      int following = 0;
      for (int j = 1; j < size; j++) {
        following |= 1 << ((sequenceNumbers.get(i + j) - packetId - 1) & 0xffff);
      }
      out.putShort((short) packetId);
      out.putShort((short) following);
      i += size;
    }
  }
}
