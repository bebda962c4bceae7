package org.heliograph.peer.rtp;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Writes RTP packets (RFC 3550 5.1) with header extensions (RFC 8285) into a caller's buffer:
 * {@link #start}, then the extensions, then {@link #endHeader}, then the caller puts the payload.
 * An extension that was not negotiated is not written.
 */
public final class RtpPacketWriter {
  private final RtpExtensionMap extensions;
  private final boolean twoByte;
  private final byte[] mid;
  private final byte[] rid;
  private final long rtxSsrc;
  private ByteBuffer out = ByteBuffer.allocate(0);
  private long ssrc;
  private int headerStart;
  private int extensionStart;

  /**
   * @param extensions the extensions' identifiers
   * @param mid the value of the MID extension, in ASCII
   */
  public RtpPacketWriter(RtpExtensionMap extensions, String mid) {
    this(extensions, mid, "", -1);
  }

  /**
   * @param extensions the extensions' identifiers
   * @param mid the value of the MID extension, in ASCII
   * @param rid the name of the stream within the media section, in ASCII; empty if it has none
   * @param rtxSsrc the source of the stream's retransmissions, which repair it
   */
  public RtpPacketWriter(RtpExtensionMap extensions, String mid, String rid, long rtxSsrc) {
    this.extensions = extensions;
    this.mid = mid.getBytes(StandardCharsets.UTF_8);
    this.rid = rid.getBytes(StandardCharsets.UTF_8);
    this.rtxSsrc = rtxSsrc;
    twoByte = extensions.needsTwoByteForm() || this.mid.length > 16 || this.rid.length > 16;
  }

  /** The most bytes that a header of this writer takes. */
  public int maxHeaderLength() {
    int perElement = twoByte ? 2 : 1;
    int length = 0;
    length += extensions.has(RtpExtension.MID) ? perElement + mid.length : 0;
    length += hasRid() ? perElement + rid.length : 0;
    length += extensions.has(RtpExtension.ABS_SEND_TIME) ? perElement + 3 : 0;
    length += extensions.has(RtpExtension.TRANSPORT_SEQUENCE_NUMBER) ? perElement + 2 : 0;
    length += extensions.has(RtpExtension.AUDIO_LEVEL) ? perElement + 1 : 0;
    return RtpPacket.FIXED_HEADER_LENGTH + (length == 0 ? 0 : 4 + (length + 3) / 4 * 4);
  }

  /** Writes the fixed header at the buffer's position; the numbers are taken modulo their size. */
  public void start(
      ByteBuffer buffer,
      boolean marker,
      int payloadType,
      int sequenceNumber,
      long timestamp,
      long ssrc) {
    out = buffer;
    this.ssrc = ssrc;
    headerStart = buffer.position();
    extensionStart = -1;
    buffer.put((byte) 0x80);
    buffer.put((byte) ((marker ? 0x80 : 0) | (payloadType & 0x7f)));
    putShort(sequenceNumber);
    putShort((int) (timestamp >>> 16));
    putShort((int) timestamp);
    putShort((int) (ssrc >>> 16));
    putShort((int) ssrc);
  }

  /** Adds the MID, and the stream's name within the media section (RFC 8852 3). */
  public void mid() {
    if (mid.length > 0 && startElement(RtpExtension.MID, mid.length)) {
      out.put(mid);
    }
    RtpExtension name =
        ssrc == rtxSsrc ? RtpExtension.REPAIRED_RTP_STREAM_ID : RtpExtension.RTP_STREAM_ID;
    if (rid.length > 0 && startElement(name, rid.length)) {
      out.put(rid);
    }
  }

  private boolean hasRid() {
    return rid.length > 0
        && (extensions.has(RtpExtension.RTP_STREAM_ID)
            || extensions.has(RtpExtension.REPAIRED_RTP_STREAM_ID));
  }

  /** Adds the absolute send time, 24 bits in 2^-18 seconds. */
  public void absSendTime(int time) {
    if (startElement(RtpExtension.ABS_SEND_TIME, 3)) {
      out.put((byte) (time >>> 16));
      putShort(time);
    }
  }

  /** Adds the transport-wide sequence number. */
  public void transportSequenceNumber(int number) {
    if (startElement(RtpExtension.TRANSPORT_SEQUENCE_NUMBER, 2)) {
      putShort(number);
    }
  }

  /** Adds the audio level: bits 0 to 6 are dB below overload, bit 7 says that it is a voice. */
  public void audioLevel(int level) {
    if (startElement(RtpExtension.AUDIO_LEVEL, 1)) {
      out.put((byte) level);
    }
  }

  /** Ends the header; what the caller puts into the buffer now is the payload. */
  public void endHeader() {
    if (extensionStart < 0) {
      return;
    }
    while ((out.position() - extensionStart) % 4 != 0) {
      out.put((byte) 0);
    }
    int words = (out.position() - extensionStart) / 4 - 1;
    out.put(extensionStart + 2, (byte) (words >>> 8));
    out.put(extensionStart + 3, (byte) words);
    out.put(headerStart, (byte) (out.get(headerStart) | 0x10));
  }

  private boolean startElement(RtpExtension extension, int length) {
    int id = extensions.id(extension);
    if (id == 0) {
      return false;
    }
    if (extensionStart < 0) {
      extensionStart = out.position();
      putShort(twoByte ? 0x1000 : 0xBEDE);
      putShort(0);
    }
    if (twoByte) {
      out.put((byte) id);
      out.put((byte) length);
    } else {
      out.put((byte) (id << 4 | (length - 1)));
    }
    return true;
  }

  private void putShort(int value) {
    out.put((byte) (value >>> 8));
    out.put((byte) value);
  }
}
