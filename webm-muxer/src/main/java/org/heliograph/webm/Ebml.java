package org.heliograph.webm;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** EBML's building blocks (RFC 8794), and the element IDs of Matroska (RFC 9559) in use here. */
final class Ebml {
  static final int EBML = 0x1A45DFA3;
  static final int EBML_VERSION = 0x4286;
  static final int EBML_READ_VERSION = 0x42F7;
  static final int EBML_MAX_ID_LENGTH = 0x42F2;
  static final int EBML_MAX_SIZE_LENGTH = 0x42F3;
  static final int DOC_TYPE = 0x4282;
  static final int DOC_TYPE_VERSION = 0x4287;
  static final int DOC_TYPE_READ_VERSION = 0x4285;

  static final int SEGMENT = 0x18538067;
  static final int SEEK_HEAD = 0x114D9B74;
  static final int SEEK = 0x4DBB;
  static final int SEEK_ID = 0x53AB;
  static final int SEEK_POSITION = 0x53AC;

  static final int INFO = 0x1549A966;
  static final int TIMECODE_SCALE = 0x2AD7B1;
  static final int DURATION = 0x4489;
  static final int DATE_UTC = 0x4461;
  static final int TITLE = 0x7BA9;
  static final int MUXING_APP = 0x4D80;
  static final int WRITING_APP = 0x5741;

  static final int TRACKS = 0x1654AE6B;
  static final int TRACK_ENTRY = 0xAE;
  static final int TRACK_NUMBER = 0xD7;
  static final int TRACK_UID = 0x73C5;
  static final int TRACK_TYPE = 0x83;
  static final int FLAG_LACING = 0x9C;
  static final int NAME = 0x536E;
  static final int LANGUAGE = 0x22B59C;
  static final int CODEC_ID = 0x86;
  static final int CODEC_PRIVATE = 0x63A2;
  static final int CODEC_DELAY = 0x56AA;
  static final int SEEK_PRE_ROLL = 0x56BB;
  static final int VIDEO = 0xE0;
  static final int PIXEL_WIDTH = 0xB0;
  static final int PIXEL_HEIGHT = 0xBA;
  static final int AUDIO = 0xE1;
  static final int SAMPLING_FREQUENCY = 0xB5;
  static final int CHANNELS = 0x9F;

  static final int CLUSTER = 0x1F43B675;
  static final int TIMECODE = 0xE7;
  static final int SIMPLE_BLOCK = 0xA3;

  static final int CUES = 0x1C53BB6B;
  static final int CUE_POINT = 0xBB;
  static final int CUE_TIME = 0xB3;
  static final int CUE_TRACK_POSITIONS = 0xB7;
  static final int CUE_TRACK = 0xF7;
  static final int CUE_CLUSTER_POSITION = 0xF1;
  static final int CUE_RELATIVE_POSITION = 0xF0;

  /** Space that is left free, at any level (RFC 8794 11.3.2). */
  static final int VOID = 0xEC;

  /** The smallest {@link #VOID}: its ID and a size of one byte. */
  static final int SMALLEST_VOID = 2;

  /** The size of an element whose end is not known, in 8 bytes (RFC 8794 6.2). */
  static final long UNKNOWN_SIZE = 0x01FF_FFFF_FFFF_FFFFL;

  private static final long MAX_SIZE = (1L << 56) - 2;

  private Ebml() {}

  /** How many bytes an element ID has. */
  static int idLength(int id) {
    return bytesFor(Integer.toUnsignedLong(id));
  }

  /** How many bytes a size is written with: as few as possible (RFC 8794 6.1). */
  static int sizeLength(long size) {
    if (size < 0 || size > MAX_SIZE) {
      throw new IllegalArgumentException("an EBML element of " + size + " bytes");
    }
    int length = 1;
    // All ones would mean "unknown".
    while (size >= (1L << (7 * length)) - 1) {
      length++;
    }
    return length;
  }

  /** How many bytes an unsigned number is written with: as few as possible, at least one. */
  static int unsignedLength(long value) {
    return bytesFor(value);
  }

  static void putId(ByteBuffer target, int id) {
    putBytes(target, id, idLength(id));
  }

  static void putSize(ByteBuffer target, long size) {
    int length = sizeLength(size);
    putBytes(target, size | (1L << (7 * length)), length);
  }

  static void putUnsigned(ByteBuffer target, long value) {
    putBytes(target, value, unsignedLength(value));
  }

  /** A size in that many bytes, where it is written before it is known (RFC 8794 4.4). */
  static void putSize(ByteBuffer target, long size, int length) {
    if (sizeLength(size) > length) {
      throw new IllegalArgumentException(size + " bytes do not fit a size of " + length);
    }
    putBytes(target, size | (1L << (7 * length)), length);
  }

  /** An element that is an unsigned number, as short as possible. */
  static void putUnsignedElement(ByteBuffer target, int id, long value) {
    putId(target, id);
    putSize(target, unsignedLength(value));
    putUnsigned(target, value);
  }

  /** How many bytes {@link #putUnsignedElement} puts. */
  static int unsignedElementSize(int id, long value) {
    return elementSize(id, unsignedLength(value));
  }

  /** How many bytes an element has, its ID and size included. */
  static int elementSize(int id, int contentSize) {
    return Math.addExact(idLength(id) + sizeLength(contentSize), contentSize);
  }

  /**
   * Puts an element that fills exactly so much space and means nothing; of its content nothing is
   * written.
   *
   * @param space 0, or at least {@link #SMALLEST_VOID}
   */
  static void putVoid(ByteBuffer target, int space) {
    if (space == 0) {
      return;
    }
    int length = 1;
    while (space - 1 - length >= (1L << (7 * length)) - 1) {
      length++;
    }
    putId(target, VOID);
    putSize(target, space - 1 - length, length);
    target.position(target.position() + space - 1 - length);
  }

  /** An element with other elements, or parts of a value, in it. */
  static byte[] element(int id, byte[]... content) {
    long size = 0;
    for (byte[] part : content) {
      size += part.length;
    }
    ByteBuffer head = ByteBuffer.allocate(idLength(id) + sizeLength(size));
    putId(head, id);
    putSize(head, size);
    var element = new ByteArrayOutputStream();
    element.writeBytes(head.array());
    for (byte[] part : content) {
      element.writeBytes(part);
    }
    return element.toByteArray();
  }

  static byte[] signed(int id, long value) {
    return element(id, ByteBuffer.allocate(8).putLong(value).array());
  }

  static byte[] unsigned(int id, long value) {
    ByteBuffer bytes = ByteBuffer.allocate(unsignedLength(value));
    putUnsigned(bytes, value);
    return element(id, bytes.array());
  }

  static byte[] floating(int id, double value) {
    return element(id, ByteBuffer.allocate(8).putDouble(value).array());
  }

  static byte[] text(int id, String value) {
    return element(id, value.getBytes(StandardCharsets.UTF_8));
  }

  private static int bytesFor(long value) {
    return Math.max(1, (Long.SIZE - Long.numberOfLeadingZeros(value) + 7) / 8);
  }

  private static void putBytes(ByteBuffer target, long value, int count) {
    for (int shift = 8 * (count - 1); shift >= 0; shift -= 8) {
      target.put((byte) (value >>> shift));
    }
  }
}
