package org.heliograph.peer.rtp;

import java.nio.ByteBuffer;

/**
 * The descriptor that leads each RTP payload of VP8 (RFC 7741 4.2). A view that is used for packet
 * after packet; optional fields that a packet lacks are {@link #ABSENT}.
 */
public final class Vp8PayloadDescriptor {
  /** The value of a field that the descriptor lacks. */
  public static final int ABSENT = -1;

  /** How long a descriptor of {@link #write} is. */
  public static final int WRITTEN_LENGTH = 4;

  private int length;
  private boolean nonReference;
  private boolean startsFrame;
  private boolean key;
  private int pictureId;
  private int pictureIdBits;
  private int tl0PictureIndex;
  private int temporalId;
  private boolean layerSync;
  private int keyIndex;

  /**
   * Reads the descriptor of a payload.
   *
   * @param buffer what the payload is in
   * @param offset the payload's first byte, an absolute index
   * @param payloadLength the payload's length
   * @throws MalformedPacketException if the descriptor is cut off or no VP8 follows it
   */
  public void parse(ByteBuffer buffer, int offset, int payloadLength)
      throws MalformedPacketException {
    int end = offset + payloadLength;
    int at = offset;
    int first = next(buffer, at++, end);
    boolean extended = (first & 0x80) != 0;
    nonReference = (first & 0x20) != 0;
    startsFrame = (first & 0x10) != 0 && (first & 0x07) == 0;
    pictureId = ABSENT;
    pictureIdBits = 0;
    tl0PictureIndex = ABSENT;
    temporalId = ABSENT;
    layerSync = false;
    keyIndex = ABSENT;
    if (extended) {
      int extensions = next(buffer, at++, end);
      if ((extensions & 0x80) != 0) {
        pictureId = next(buffer, at++, end);
        pictureIdBits = 7;
        if ((pictureId & 0x80) != 0) {
          pictureId = (pictureId & 0x7f) << 8 | next(buffer, at++, end);
          pictureIdBits = 15;
        }
      }
      if ((extensions & 0x40) != 0) {
        tl0PictureIndex = next(buffer, at++, end);
      }
      if ((extensions & 0x30) != 0) {
        int layers = next(buffer, at++, end);
        if ((extensions & 0x20) != 0) {
          temporalId = layers >>> 6;
          layerSync = (layers & 0x20) != 0;
        }
        if ((extensions & 0x10) != 0) {
          keyIndex = layers & 0x1f;
        }
      }
    }
    // The first bit of the frame header says whether it is an inter frame (RFC 6386 9.1).
    key = startsFrame && (next(buffer, at, end) & 0x01) == 0;
    if (at >= end) {
      throw new MalformedPacketException("VP8 payload is only a descriptor");
    }
    length = at - offset;
  }

  private static int next(ByteBuffer buffer, int at, int end) throws MalformedPacketException {
    if (at >= end) {
      throw new MalformedPacketException("VP8 payload descriptor is cut off");
    }
    return buffer.get(at) & 0xff;
  }

  /**
   * Writes a descriptor with a picture id of 15 bits and nothing else, {@link #WRITTEN_LENGTH}
   * bytes.
   *
   * @param startsFrame whether the frame's first byte follows
   * @param pictureId taken modulo 2^15
   */
  public static void write(ByteBuffer out, boolean startsFrame, int pictureId) {
    out.put((byte) (startsFrame ? 0x90 : 0x80));
    out.put((byte) 0x80);
    out.put((byte) (0x80 | (pictureId >>> 8 & 0x7f)));
    out.put((byte) pictureId);
  }

  /** The descriptor's length: the VP8 bytes follow it. */
  public int length() {
    return length;
  }

  /** N: no other frame needs this one. */
  public boolean nonReference() {
    return nonReference;
  }

  /** S with partition 0: the frame's first byte follows. */
  public boolean startsFrame() {
    return startsFrame;
  }

  /** Whether a key frame starts here. */
  public boolean startsKeyFrame() {
    return key;
  }

  /** PictureID, 7 or 15 bits. */
  public int pictureId() {
    return pictureId;
  }

  /** How many bits the picture id has: 0, 7 or 15. */
  public int pictureIdBits() {
    return pictureIdBits;
  }

  /** TL0PICIDX, 8 bits: counts the frames of the temporal base layer. */
  public int tl0PictureIndex() {
    return tl0PictureIndex;
  }

  /** TID: the frame's temporal layer, 0 (base) to 3. */
  public int temporalId() {
    return temporalId;
  }

  /** Y: the frame needs nothing but the base layer's last frame. */
  public boolean layerSync() {
    return layerSync;
  }

  /** KEYIDX, 5 bits: counts key frames. */
  public int keyIndex() {
    return keyIndex;
  }
}
