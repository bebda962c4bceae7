package org.heliograph.webm;

import java.nio.ByteBuffer;
import java.util.Locale;

/**
 * An AV1 sequence header (AV1 specification 5.5), as far as a container needs it.
 *
 * @param profile 0 to 2
 * @param level {@code seq_level_idx} of the first operating point, 0 to 31
 * @param highTier whether the first operating point is of the high tier
 * @param bitDepth bits per sample: 8, 10 or 12
 * @param monochrome whether there is no colour
 * @param subsamplingX whether colour has half the width
 * @param subsamplingY whether colour has half the height
 * @param chromaSamplePosition 0 to 3
 * @param width the largest frame's width in pixels
 * @param height the largest frame's height in pixels
 */
public record Av1SequenceHeader(
    int profile,
    int level,
    boolean highTier,
    int bitDepth,
    boolean monochrome,
    boolean subsamplingX,
    boolean subsamplingY,
    int chromaSamplePosition,
    int width,
    int height) {
  private static final int SELECT_SCREEN_CONTENT_TOOLS = 2;
  private static final int COLOR_PRIMARIES_BT_709 = 1;
  private static final int COLOR_PRIMARIES_UNSPECIFIED = 2;
  private static final int TRANSFER_UNSPECIFIED = 2;
  private static final int TRANSFER_SRGB = 13;
  private static final int MATRIX_IDENTITY = 0;
  private static final int MATRIX_UNSPECIFIED = 2;

  /**
   * Reads the sequence header of a temporal unit in the low-overhead format. The buffer's position
   * does not move.
   *
   * @throws MalformedFrameException if there is none, or it is cut off
   */
  public static Av1SequenceHeader parse(ByteBuffer temporalUnit) {
    return parsePayload(find(temporalUnit).payload());
  }

  /** The {@code codecs} parameter of a MIME type, such as {@code av01.0.04M.08}. */
  public String codecString() {
    return String.format(
        Locale.ROOT, "av01.%d.%02d%s.%02d", profile, level, highTier ? "H" : "M", bitDepth);
  }

  /**
   * The {@code AV1CodecConfigurationRecord} (av1C, AV1 in ISOBMFF 2.3) for the sequence header in a
   * temporal unit, which Matroska calls CodecPrivate.
   */
  static ByteBuffer codecConfiguration(ByteBuffer temporalUnit) {
    Av1Obus obu = find(temporalUnit);
    Av1SequenceHeader header = parsePayload(obu.payload());
    ByteBuffer whole = obu.sized() ? obu.whole() : withSize(obu);
    ByteBuffer record = ByteBuffer.allocate(4 + whole.remaining());
    record.put((byte) 0x81); // marker and version
    record.put((byte) (header.profile << 5 | header.level));
    int flags = header.highTier ? 0x80 : 0;
    flags |= header.bitDepth > 8 ? 0x40 : 0;
    flags |= header.bitDepth == 12 ? 0x20 : 0;
    flags |= header.monochrome ? 0x10 : 0;
    flags |= header.subsamplingX ? 8 : 0;
    flags |= header.subsamplingY ? 4 : 0;
    record.put((byte) (flags | header.chromaSamplePosition));
    record.put((byte) 0); // no initial presentation delay
    return record.put(whole).flip().asReadOnlyBuffer();
  }

  // The units in a codec configuration must all have a size.
  private static ByteBuffer withSize(Av1Obus obu) {
    ByteBuffer payload = obu.payload();
    ByteBuffer whole = obu.whole();
    int headerSize = whole.remaining() - payload.remaining();
    ByteBuffer sized = ByteBuffer.allocate(headerSize + 5 + payload.remaining());
    sized.put((byte) (whole.get() | 2));
    if (headerSize == 2) {
      sized.put(whole.get());
    }
    int size = payload.remaining();
    while (size >= 0x80) {
      sized.put((byte) (size | 0x80));
      size >>>= 7;
    }
    return sized.put((byte) size).put(payload).flip();
  }

  private static Av1Obus find(ByteBuffer temporalUnit) {
    Av1Obus obus = new Av1Obus(temporalUnit);
    while (obus.next()) {
      if (obus.type() == Av1Obus.SEQUENCE_HEADER) {
        return obus;
      }
    }
    throw new MalformedFrameException("AV1 temporal unit has no sequence header");
  }

  private static Av1SequenceHeader parsePayload(ByteBuffer payload) {
    BitReader reader = new BitReader(payload, "AV1 sequence header");
    int profile = reader.number(3);
    if (profile > 2) {
      throw new MalformedFrameException("AV1 profile " + profile + " is a reserved one");
    }
    reader.flag(); // still_picture
    boolean reduced = reader.flag();
    int level;
    boolean highTier = false;
    if (reduced) {
      level = reader.number(5);
    } else {
      int decoderDelayBits = readTiming(reader);
      boolean displayDelay = reader.flag();
      int operatingPoints = reader.number(5) + 1;
      level = 0;
      for (int point = 0; point < operatingPoints; point++) {
        reader.bits(12); // operating_point_idc
        int pointLevel = reader.number(5);
        boolean pointTier = pointLevel > 7 && reader.flag();
        if (point == 0) {
          level = pointLevel;
          highTier = pointTier;
        }
        if (decoderDelayBits > 0 && reader.flag()) {
          reader.bits(decoderDelayBits);
          reader.bits(decoderDelayBits);
          reader.flag(); // low_delay_mode_flag
        }
        if (displayDelay && reader.flag()) {
          reader.bits(4);
        }
      }
    }
    int widthBits = reader.number(4) + 1;
    int heightBits = reader.number(4) + 1;
    int width = reader.number(widthBits) + 1;
    int height = reader.number(heightBits) + 1;
    readTools(reader, reduced);
    return withColor(reader, profile, level, highTier, width, height);
  }

  /** Reads the timing part; gives {@code buffer_delay_length}, or 0 without a decoder model. */
  private static int readTiming(BitReader reader) {
    if (!reader.flag()) {
      return 0;
    }
    reader.bits(32); // num_units_in_display_tick
    reader.bits(32); // time_scale
    if (reader.flag()) { // equal_picture_interval
      reader.uvlc();
    }
    if (!reader.flag()) { // decoder_model_info_present_flag
      return 0;
    }
    int delayBits = reader.number(5) + 1;
    reader.bits(32); // num_units_in_decoding_tick
    reader.bits(10); // buffer_removal_time_length, frame_presentation_time_length
    return delayBits;
  }

  private static void readTools(BitReader reader, boolean reduced) {
    if (!reduced && reader.flag()) { // frame_id_numbers_present_flag
      reader.bits(7);
    }
    reader.bits(3); // use_128x128_superblock, enable_filter_intra, enable_intra_edge_filter
    if (!reduced) {
      reader.bits(4); // interintra, masked compound, warped motion, dual filter
      boolean orderHint = reader.flag();
      if (orderHint) {
        reader.bits(2); // enable_jnt_comp, enable_ref_frame_mvs
      }
      int screenContentTools = reader.flag() ? SELECT_SCREEN_CONTENT_TOOLS : reader.number(1);
      if (screenContentTools > 0 && !reader.flag()) { // seq_choose_integer_mv
        reader.flag(); // seq_force_integer_mv
      }
      if (orderHint) {
        reader.bits(3);
      }
    }
    reader.bits(3); // enable_superres, enable_cdef, enable_restoration
  }

  private static Av1SequenceHeader withColor(
      BitReader reader, int profile, int level, boolean highTier, int width, int height) {
    int bitDepth = reader.flag() ? 10 : 8;
    if (profile == 2 && bitDepth == 10) {
      bitDepth = reader.flag() ? 12 : 10;
    }
    boolean monochrome = profile != 1 && reader.flag();
    int primaries = COLOR_PRIMARIES_UNSPECIFIED;
    int transfer = TRANSFER_UNSPECIFIED;
    int matrix = MATRIX_UNSPECIFIED;
    if (reader.flag()) { // color_description_present_flag
      primaries = reader.number(8);
      transfer = reader.number(8);
      matrix = reader.number(8);
    }
    boolean subsamplingX = true;
    boolean subsamplingY = true;
    int chromaSamplePosition = 0;
    if (monochrome) {
      reader.flag(); // color_range
    } else if (primaries == COLOR_PRIMARIES_BT_709
        && transfer == TRANSFER_SRGB
        && matrix == MATRIX_IDENTITY) {
      subsamplingX = false;
      subsamplingY = false;
    } else {
      reader.flag(); // color_range
      if (profile == 1) {
        subsamplingX = false;
        subsamplingY = false;
      } else if (profile == 2) {
        subsamplingX = bitDepth != 12 || reader.flag();
        subsamplingY = bitDepth == 12 && subsamplingX && reader.flag();
      }
      if (subsamplingX && subsamplingY) {
        chromaSamplePosition = reader.number(2);
      }
    }
    return new Av1SequenceHeader(
        profile,
        level,
        highTier,
        bitDepth,
        monochrome,
        subsamplingX,
        subsamplingY,
        chromaSamplePosition,
        width,
        height);
  }
}
