package org.heliograph.peer.stream;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.heliograph.peer.rtp.MalformedPacketException;
import org.heliograph.peer.rtp.RtpExtensionMap;
import org.heliograph.peer.rtp.RtpPacket;

/**
 * What forward error correction protects of an RTP packet (RFC 5109 8.1): the fields of its header
 * that differ between packets, its length, and all that is behind the fixed header. Strings are
 * added up by exclusive or; what a sum of several lacks to the string of one of them is the sum of
 * all others. The storage is used again and again.
 */
public final class FecBitString {
  /** The longest header of the payload that carries a sum (RFC 5109 7.3 and 7.4). */
  public static final int MAX_PAYLOAD_HEADER = 18;

  /** How many packets in a row a payload can speak of. */
  public static final int MAX_SPAN = 48;

  private static final int SHORT_SPAN = 16;
  private static final int SHORT_PAYLOAD_HEADER = 14;
  private static final int EXTENDED = 0x80;
  private static final int LONG_MASK = 0x40;
  private static final int PROTECTED_BITS = 0x3f;
  private static final int VERSION_2 = 0x80;

  /** Two bytes of the header, the length, the time stamp. */
  private static final int HEAD = 8;

  private static final int LENGTH_OFFSET = 2;
  private static final int TIMESTAMP_OFFSET = 4;

  private byte[] bytes = new byte[HEAD + RtpSession.MAX_DATAGRAM];
  private int length = HEAD;

  /** Becomes the sum of nothing. */
  public void clear() {
    Arrays.fill(bytes, 0, length, (byte) 0);
    length = HEAD;
  }

  /** Becomes the string of a packet, position to limit, as it is. */
  public void set(ByteBuffer packet) {
    int start = packet.position();
    int rest = packet.remaining() - RtpPacket.FIXED_HEADER_LENGTH;
    resize(HEAD + rest);
    bytes[0] = packet.get(start);
    bytes[1] = packet.get(start + 1);
    putLength(rest);
    packet.get(start + 4, bytes, TIMESTAMP_OFFSET, 4);
    packet.get(start + RtpPacket.FIXED_HEADER_LENGTH, bytes, HEAD, rest);
  }

  /**
   * Becomes the string of a packet that came wrapped, as it was before that and before the sender
   * wrote what it writes last, when the packet leaves.
   *
   * @param packet a view of what was wrapped
   */
  public void set(RtpPacket packet, RtpExtensionMap extensions) {
    resize(HEAD + packet.buffer().remaining());
    int rest = packet.copyBehindFixedHeader(bytes, HEAD, extensions);
    resize(HEAD + rest);
    bytes[0] = packet.firstByte();
    bytes[1] = (byte) ((packet.marker() ? 0x80 : 0) | packet.payloadType());
    putLength(rest);
    for (int i = 0; i < 4; i++) {
      bytes[TIMESTAMP_OFFSET + i] = (byte) (packet.timestamp() >>> (24 - 8 * i));
    }
  }

  public void set(FecBitString other) {
    resize(other.length);
    System.arraycopy(other.bytes, 0, bytes, 0, length);
  }

  /** Adds another string to this one; the shorter of the two counts as filled up with zeros. */
  public void add(FecBitString other) {
    if (other.length > length) {
      int before = length;
      resize(other.length);
      Arrays.fill(bytes, before, length, (byte) 0);
    }
    byte[] added = other.bytes;
    for (int i = 0; i < other.length; i++) {
      bytes[i] ^= added[i];
    }
  }

  private void resize(int newLength) {
    if (newLength > bytes.length) {
      bytes = Arrays.copyOf(bytes, newLength);
    }
    length = newLength;
  }

  private void putLength(int rest) {
    bytes[LENGTH_OFFSET] = (byte) (rest >>> 8);
    bytes[LENGTH_OFFSET + 1] = (byte) rest;
  }

  /**
   * Writes the payload of forward error correction that has this sum.
   *
   * @param base the sequence number of the first packet that is in it
   * @param mask bit i stands for the packet i behind that
   */
  public void writePayload(ByteBuffer out, int base, long mask) {
    boolean isLong = mask >>> SHORT_SPAN != 0;
    out.put((byte) ((isLong ? LONG_MASK : 0) | (bytes[0] & PROTECTED_BITS)));
    out.put(bytes[1]);
    out.putShort((short) base);
    out.put(bytes, TIMESTAMP_OFFSET, 4);
    out.put(bytes, LENGTH_OFFSET, 2);
    out.putShort((short) (length - HEAD));
    long firstInFront = Long.reverse(mask);
    out.putShort((short) (firstInFront >>> 48));
    if (isLong) {
      out.putInt((int) (firstInFront >>> 16));
    }
    out.put(bytes, HEAD, length - HEAD);
  }

  /** The sequence number of the first packet that such a payload protects. */
  public static int base(ByteBuffer buffer, int offset) {
    return (buffer.get(offset + 2) & 0xff) << 8 | (buffer.get(offset + 3) & 0xff);
  }

  /**
   * Becomes the sum that such a payload carries.
   *
   * @return its mask
   * @throws MalformedPacketException if it is cut off, protects nothing, or is of another kind
   */
  public long readPayload(ByteBuffer buffer, int offset, int payloadLength)
      throws MalformedPacketException {
    int first = payloadLength == 0 ? EXTENDED : buffer.get(offset) & 0xff;
    int header = (first & LONG_MASK) == 0 ? SHORT_PAYLOAD_HEADER : MAX_PAYLOAD_HEADER;
    if ((first & EXTENDED) != 0 || payloadLength < header) {
      throw new MalformedPacketException("FEC payload of " + payloadLength + " bytes");
    }
    int rest = unsignedShort(buffer, offset + 10);
    long firstInFront = (long) unsignedShort(buffer, offset + 12) << 48;
    for (int i = SHORT_PAYLOAD_HEADER; i < header; i++) {
      firstInFront |= (long) (buffer.get(offset + i) & 0xff) << (8 * (MAX_PAYLOAD_HEADER - i + 1));
    }
    if (rest > payloadLength - header || firstInFront == 0) {
      throw new MalformedPacketException("FEC payload that protects too much or nothing");
    }
    resize(HEAD + rest);
    bytes[0] = (byte) (first & PROTECTED_BITS);
    bytes[1] = buffer.get(offset + 1);
    buffer.get(offset + 8, bytes, LENGTH_OFFSET, 2);
    buffer.get(offset + 4, bytes, TIMESTAMP_OFFSET, 4);
    buffer.get(offset + header, bytes, HEAD, rest);
    return Long.reverse(firstInFront);
  }

  private static int unsignedShort(ByteBuffer buffer, int offset) {
    return (buffer.get(offset) & 0xff) << 8 | (buffer.get(offset + 1) & 0xff);
  }

  /**
   * The packet whose string this is.
   *
   * @throws MalformedPacketException if it is none
   */
  public RtpPacket toPacket(int sequenceNumber, long ssrc) throws MalformedPacketException {
    int rest = (bytes[LENGTH_OFFSET] & 0xff) << 8 | (bytes[LENGTH_OFFSET + 1] & 0xff);
    if (rest > length - HEAD) {
      throw new MalformedPacketException("a recovered packet of " + rest + " bytes");
    }
    ByteBuffer packet = ByteBuffer.allocate(RtpPacket.FIXED_HEADER_LENGTH + rest);
    packet.put((byte) (VERSION_2 | (bytes[0] & PROTECTED_BITS)));
    packet.put(bytes[1]);
    packet.putShort((short) sequenceNumber);
    packet.put(bytes, TIMESTAMP_OFFSET, 4);
    packet.putInt((int) ssrc);
    packet.put(bytes, HEAD, rest);
    RtpPacket view = new RtpPacket();
    view.wrap(packet.flip());
    return view;
  }
}
