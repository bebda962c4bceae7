package org.heliograph.peer.rtp;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A view of one RTP packet (RFC 3550 5.1) in a buffer that belongs to someone else. One object is
 * used for packet after packet: {@link #wrap} checks the next one and allocates nothing.
 *
 * <p>Numbers are as on the wire: {@link #sequenceNumber()} is 0 to 65535, {@link #timestamp()} and
 * {@link #ssrc()} are unsigned 32 bits in a {@code long}.
 */
public final class RtpPacket {
  /** The length of the header without CSRCs and extensions. */
  public static final int FIXED_HEADER_LENGTH = 12;

  /** In the first byte: padding follows the payload, its last byte tells how much. */
  public static final int PADDING_BIT = 0x20;

  private static final int ONE_BYTE_PROFILE = 0xBEDE;
  private static final int TWO_BYTE_PROFILE = 0x1000;

  private ByteBuffer buffer = ByteBuffer.allocate(0);
  private int start;
  private boolean marker;
  private int payloadType;
  private int sequenceNumber;
  private long timestamp;
  private long ssrc;
  private int extensionProfile;
  private int extensionOffset;
  private int extensionLength;
  private int headerLength;
  private int payloadOffset;
  private int payloadLength;
  private int paddingLength;
  private int foundOffset;
  private int foundLength;

  /**
   * Looks at the packet between the buffer's position and limit. The buffer is not changed, and is
   * read as long as this view is.
   *
   * @throws MalformedPacketException if that is not an RTP packet; the view is then unusable until
   *     the next call
   */
  public void wrap(ByteBuffer packet) throws MalformedPacketException {
    buffer = packet;
    start = packet.position();
    int end = packet.limit();
    if (end - start < FIXED_HEADER_LENGTH) {
      throw new MalformedPacketException("RTP packet of " + (end - start) + " bytes");
    }
    int first = unsignedByte(start);
    if (first >>> 6 != 2) {
      throw new MalformedPacketException("RTP version " + (first >>> 6));
    }
    marker = (unsignedByte(start + 1) & 0x80) != 0;
    payloadType = unsignedByte(start + 1) & 0x7f;
    sequenceNumber = unsignedShort(start + 2);
    timestamp = unsignedInt(start + 4);
    ssrc = unsignedInt(start + 8);

    int offset = start + FIXED_HEADER_LENGTH + 4 * (first & 0x0f);
    extensionProfile = 0;
    extensionOffset = offset;
    extensionLength = 0;
    if ((first & 0x10) != 0) {
      if (end - offset < 4) {
        throw new MalformedPacketException("RTP header extension is cut off");
      }
      extensionProfile = unsignedShort(offset);
      extensionLength = 4 * unsignedShort(offset + 2);
      extensionOffset = offset + 4;
      offset = extensionOffset + extensionLength;
    }
    if (offset > end) {
      throw new MalformedPacketException("RTP header is longer than its packet");
    }
    paddingLength = 0;
    if ((first & PADDING_BIT) != 0) {
      paddingLength = offset < end ? unsignedByte(end - 1) : 0;
      if (paddingLength == 0 || paddingLength > end - offset) {
        throw new MalformedPacketException("RTP padding of " + paddingLength + " bytes");
      }
    }
    headerLength = offset - start;
    payloadOffset = offset;
    payloadLength = end - offset - paddingLength;
  }

  /** The same packet in a buffer of its own. */
  public RtpPacket copy() throws MalformedPacketException {
    byte[] bytes = new byte[length()];
    buffer.get(start, bytes);
    RtpPacket copy = new RtpPacket();
    copy.wrap(ByteBuffer.wrap(bytes));
    return copy;
  }

  /** The marker bit: the last packet of a picture, or the first after a silence. */
  public boolean marker() {
    return marker;
  }

  /** 0 to 127. */
  public int payloadType() {
    return payloadType;
  }

  /** 0 to 65535. */
  public int sequenceNumber() {
    return sequenceNumber;
  }

  /** In units of the payload format's clock rate, modulo 2^32. */
  public long timestamp() {
    return timestamp;
  }

  /** The source that sent the packet. */
  public long ssrc() {
    return ssrc;
  }

  /** The buffer that the packet is in. */
  public ByteBuffer buffer() {
    return buffer;
  }

  /** Where the payload starts in {@link #buffer()}, as an absolute index. */
  public int payloadOffset() {
    return payloadOffset;
  }

  /** The payload's length without padding; 0 for a packet of padding alone. */
  public int payloadLength() {
    return payloadLength;
  }

  /** How many bytes of padding follow the payload. */
  public int paddingLength() {
    return paddingLength;
  }

  /** The whole packet's length. */
  public int length() {
    return payloadOffset + payloadLength + paddingLength - start;
  }

  /** The media section's identification, or null if the packet does not carry it. */
  public String mid(RtpExtensionMap map) {
    return text(map.id(RtpExtension.MID));
  }

  /** Whether the packet carries a MID, and another than this one. */
  public boolean hasOtherMid(RtpExtensionMap map, String mid) {
    if (!find(map.id(RtpExtension.MID)) || foundLength == 0) {
      return false;
    }
    boolean same = foundLength == mid.length();
    for (int i = 0; same && i < foundLength; i++) {
      same = unsignedByte(foundOffset + i) == mid.charAt(i);
    }
    return !same;
  }

  /** The RTP stream id (RFC 8852), or null if the packet does not carry it. */
  public String rtpStreamId(RtpExtensionMap map) {
    return text(map.id(RtpExtension.RTP_STREAM_ID));
  }

  /** The transport-wide sequence number, 0 to 65535, or -1 if the packet does not carry it. */
  public int transportSequenceNumber(RtpExtensionMap map) {
    return find(map.id(RtpExtension.TRANSPORT_SEQUENCE_NUMBER)) && foundLength >= 2
        ? unsignedShort(foundOffset)
        : -1;
  }

  /** The absolute send time, 24 bits in 2^-18 seconds, or -1 if the packet does not carry it. */
  public int absSendTime(RtpExtensionMap map) {
    return find(map.id(RtpExtension.ABS_SEND_TIME)) && foundLength == 3
        ? unsignedByte(foundOffset) << 16 | unsignedShort(foundOffset + 1)
        : -1;
  }

  /**
   * The audio level (RFC 6464): in bits 0 to 6 the level below overload in dB, in bit 7 whether it
   * is a voice; -1 if the packet does not carry it.
   */
  public int audioLevel(RtpExtensionMap map) {
    return find(map.id(RtpExtension.AUDIO_LEVEL)) && foundLength == 1
        ? unsignedByte(foundOffset)
        : -1;
  }

  /**
   * Makes this view that of the packet which a retransmission carries (RFC 4588 4): the original
   * sequence number leads the payload. No byte is moved.
   *
   * @param originalPayloadType the payload type that the retransmission's {@code apt} names
   * @param originalSsrc the source that is repaired
   * @throws MalformedPacketException if there is no original sequence number
   */
  public void unwrapRtx(int originalPayloadType, long originalSsrc)
      throws MalformedPacketException {
    if (payloadLength < 2) {
      throw new MalformedPacketException("RTX packet without an original sequence number");
    }
    sequenceNumber = unsignedShort(payloadOffset);
    payloadType = originalPayloadType;
    ssrc = originalSsrc;
    payloadOffset += 2;
    payloadLength -= 2;
  }

  /**
   * Makes this view that of the frame which redundant audio carries as its own (RFC 2198). No byte
   * is moved.
   */
  public void unwrapRed(RedPayload red) {
    int own = red.blocks() - 1;
    payloadType = red.payloadType(own);
    payloadOffset = red.offset(own);
    payloadLength = red.length(own);
  }

  /** The first byte: version, padding, extension and CSRC count. */
  public byte firstByte() {
    return buffer.get(start);
  }

  /**
   * Copies all that is behind the fixed header, but what was unwrapped, with zeros in place of what
   * senders write only when the packet leaves: the send time and the transport-wide number.
   *
   * @return how many bytes that is
   */
  public int copyBehindFixedHeader(byte[] out, int at, RtpExtensionMap map) {
    int rest = headerLength - FIXED_HEADER_LENGTH;
    int payload = payloadLength + paddingLength;
    buffer.get(start + FIXED_HEADER_LENGTH, out, at, rest);
    buffer.get(payloadOffset, out, at + rest, payload);
    for (int id :
        new int[] {
          map.id(RtpExtension.ABS_SEND_TIME), map.id(RtpExtension.TRANSPORT_SEQUENCE_NUMBER)
        }) {
      if (find(id)) {
        int from = at + foundOffset - start - FIXED_HEADER_LENGTH;
        Arrays.fill(out, from, from + foundLength, (byte) 0);
      }
    }
    return rest + payload;
  }

  private String text(int id) {
    if (!find(id) || foundLength == 0) {
      return null;
    }
    byte[] bytes = new byte[foundLength];
    buffer.get(foundOffset, bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /**
   * Finds an element of the header extension. One that runs over the end, and all behind it, counts
   * as absent: the packet itself is good.
   */
  private boolean find(int id) {
    if (id == 0) {
      return false;
    }
    if (extensionProfile == ONE_BYTE_PROFILE) {
      return findOneByte(id);
    }
    return (extensionProfile & 0xfff0) == TWO_BYTE_PROFILE && findTwoByte(id);
  }

  private boolean findOneByte(int id) {
    int end = extensionOffset + extensionLength;
    int offset = extensionOffset;
    while (offset < end) {
      int elementId = unsignedByte(offset) >>> 4;
      int length = (unsignedByte(offset) & 0x0f) + 1;
      if (elementId == 15) {
        return false;
      }
      if (elementId == 0) {
        offset++;
        continue;
      }
      if (length > end - offset - 1) {
        return false;
      }
      if (elementId == id) {
        foundOffset = offset + 1;
        foundLength = length;
        return true;
      }
      offset += 1 + length;
    }
    return false;
  }

  private boolean findTwoByte(int id) {
    int end = extensionOffset + extensionLength;
    int offset = extensionOffset;
    while (offset < end) {
      int elementId = unsignedByte(offset);
      if (elementId == 0) {
        offset++;
        continue;
      }
      if (end - offset < 2 || unsignedByte(offset + 1) > end - offset - 2) {
        return false;
      }
      if (elementId == id) {
        foundOffset = offset + 2;
        foundLength = unsignedByte(offset + 1);
        return true;
      }
      offset += 2 + unsignedByte(offset + 1);
    }
    return false;
  }

  private int unsignedByte(int index) {
    return buffer.get(index) & 0xff;
  }

  private int unsignedShort(int index) {
    return unsignedByte(index) << 8 | unsignedByte(index + 1);
  }

  private long unsignedInt(int index) {
    return (long) unsignedShort(index) << 16 | unsignedShort(index + 2);
  }
}
