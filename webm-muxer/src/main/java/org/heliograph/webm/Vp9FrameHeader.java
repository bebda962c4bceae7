package org.heliograph.webm;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * What a VP9 frame's uncompressed header says of its place among the others (VP9 bitstream
 * specification 6.2), up to its size.
 *
 * @param profile 0 to 3
 * @param keyFrame whether it is a key frame
 * @param shown whether the decoder gives a picture for it
 * @param filledSlots the slots whose content the frame becomes, bit 0 for slot 0; 0 of a frame that
 *     only shows a slot
 * @param width in pixels; 0 where it is that of another frame
 * @param height in pixels; 0 where it is that of another frame
 */
public record Vp9FrameHeader(
    int profile, boolean keyFrame, boolean shown, int filledSlots, int width, int height) {
  private static final int ALL_SLOTS = 0xff;
  private static final int SYNC_CODE_BITS = 24;
  private static final int REFERENCES = 3;
  private static final int REFERENCE_BITS = 4; // slot, sign bias
  private static final int INDEX_MARKER = 0b110;

  /** A frame that only shows another one has a byte, and perhaps some padding. */
  private static final int MOST_OF_SHOW_EXISTING = 8;

  /**
   * Reads a frame's header at the buffer's position, which does not move.
   *
   * @throws MalformedFrameException if this is no VP9 frame, is cut off, or is an intra-only frame
   *     of a profile other than 0, of which nothing is read
   */
  public static Vp9FrameHeader parse(ByteBuffer frame) {
    BitReader reader = new BitReader(frame, "VP9 frame header");
    if (reader.number(2) != 2) {
      throw new MalformedFrameException("VP9 frame marker is wrong");
    }
    int profile = reader.number(1) | reader.number(1) << 1;
    if (profile == 3 && reader.flag()) {
      throw new MalformedFrameException("VP9 profile is a reserved one");
    }
    if (reader.flag()) {
      return new Vp9FrameHeader(profile, false, true, 0, 0, 0);
    }
    boolean interFrame = reader.flag();
    boolean shown = reader.flag();
    boolean errorResilient = reader.flag();
    if (!interFrame) {
      Vp9KeyFrameHeader key = Vp9KeyFrameHeader.parse(frame);
      return new Vp9FrameHeader(profile, true, shown, ALL_SLOTS, key.width(), key.height());
    }
    boolean intraOnly = !shown && reader.flag();
    if (!errorResilient) {
      reader.bits(2); // reset_frame_context
    }
    if (intraOnly) {
      if (profile > 0) {
        throw new MalformedFrameException("VP9 intra-only frame of profile " + profile);
      }
      reader.bits(SYNC_CODE_BITS);
    }
    int filledSlots = reader.number(8);
    if (!intraOnly) {
      reader.bits(REFERENCES * REFERENCE_BITS);
      for (int i = 0; i < REFERENCES; i++) {
        if (reader.flag()) { // found_ref
          return new Vp9FrameHeader(profile, false, shown, filledSlots, 0, 0);
        }
      }
    }
    int width = reader.number(16) + 1;
    int height = reader.number(16) + 1;
    return new Vp9FrameHeader(profile, false, shown, filledSlots, width, height);
  }

  /**
   * The header of the last frame of what a container keeps as one: a frame, or a superframe, whose
   * index at the end says where its frames are (VP9 bitstream specification, annex B).
   *
   * @throws MalformedFrameException as for {@link #parse}, or if the index is wrong
   */
  public static Vp9FrameHeader parseLast(ByteBuffer superframe) {
    return parse(frames(superframe).getLast());
  }

  /**
   * The headers of all frames of what a container keeps as one, in order; at least one.
   *
   * @throws MalformedFrameException as for {@link #parse}, if the index is wrong, or if there is
   *     more behind a frame that only shows another one, which some decoders would take for a frame
   */
  public static List<Vp9FrameHeader> parseAll(ByteBuffer superframe) {
    List<Vp9FrameHeader> headers = new ArrayList<>();
    for (ByteBuffer frame : frames(superframe)) {
      Vp9FrameHeader header = parse(frame);
      if (showsExisting(frame, header.profile()) && frame.remaining() > MOST_OF_SHOW_EXISTING) {
        throw new MalformedFrameException("VP9 frame that only shows another is too long");
      }
      headers.add(header);
    }
    return headers;
  }

  private static boolean showsExisting(ByteBuffer frame, int profile) {
    return profile < 3 && (frame.get(frame.position()) & 0x08) != 0;
  }

  private static List<ByteBuffer> frames(ByteBuffer superframe) {
    ByteBuffer bytes = superframe.slice().order(ByteOrder.LITTLE_ENDIAN);
    if (!bytes.hasRemaining()) {
      throw new MalformedFrameException("VP9 frame is empty");
    }
    int marker = bytes.get(bytes.limit() - 1) & 0xff;
    int sizeBytes = (marker >>> 3 & 0x03) + 1;
    int frames = (marker & 0x07) + 1;
    int indexSize = 2 + sizeBytes * frames;
    boolean indexed =
        marker >>> 5 == INDEX_MARKER
            && indexSize <= bytes.limit()
            && (bytes.get(bytes.limit() - indexSize) & 0xff) == marker;
    if (!indexed) {
      return List.of(bytes);
    }
    int end = bytes.limit() - indexSize;
    List<ByteBuffer> slices = new ArrayList<>(frames);
    long start = 0;
    for (int i = 0; i < frames; i++) {
      long size = i == frames - 1 ? end - start : size(bytes, end + 1 + i * sizeBytes, sizeBytes);
      if (size < 1 || start + size > end) {
        throw new MalformedFrameException("VP9 superframe is shorter than its index says");
      }
      slices.add(bytes.slice((int) start, (int) size));
      start += size;
    }
    return slices;
  }

  private static long size(ByteBuffer bytes, int at, int sizeBytes) {
    long size = 0;
    for (int i = sizeBytes - 1; i >= 0; i--) {
      size = size << 8 | (bytes.get(at + i) & 0xff);
    }
    return size;
  }
}
