package org.heliograph.peer.media;

import java.nio.ByteBuffer;

/** What can be read off an Opus packet without decoding it (RFC 6716 3). */
public final class OpusPacket {
  private static final long MAX_DURATION_NANOS = 120_000_000;
  private static final long[] SILK_NANOS = {10_000_000, 20_000_000, 40_000_000, 60_000_000};
  private static final long[] HYBRID_NANOS = {10_000_000, 20_000_000};
  private static final long[] CELT_NANOS = {2_500_000, 5_000_000, 10_000_000, 20_000_000};

  private OpusPacket() {}

  /**
   * How long the packet sounds.
   *
   * @param packet the packet, position to limit
   * @return 2.5 to 120 ms in nanoseconds, or 0 if this is not an Opus packet
   */
  public static long durationNanos(ByteBuffer packet) {
    int frames = frameCount(packet);
    long nanos = frames == 0 ? 0 : frames * frameNanos(firstByte(packet));
    return nanos <= MAX_DURATION_NANOS ? nanos : 0;
  }

  /** Whether the packet holds two channels. */
  public static boolean stereo(ByteBuffer packet) {
    return packet.hasRemaining() && (firstByte(packet) & 0x04) != 0;
  }

  /**
   * Whether the packet carries the sound of the one before it too, at a low rate (in-band FEC, RFC
   * 6716 4.2.5): the LBRR flag that follows the voice activity flags of the first SILK frame.
   */
  public static boolean carriesFec(ByteBuffer packet) {
    int frames = frameCount(packet);
    int configuration = frames == 0 ? 31 : firstByte(packet) >>> 3;
    if (configuration >= 16) {
      return false; // CELT has none
    }
    int first = firstFrameOffset(packet, frames);
    if (first < 0 || first >= packet.remaining()) {
      return false;
    }
    int flags = packet.get(packet.position() + first) & 0xff;
    int silkFrames = (int) Math.max(1, frameNanos(firstByte(packet)) / 20_000_000);
    boolean mid = (flags >>> (7 - silkFrames) & 1) != 0;
    boolean side = stereo(packet) && (flags >>> (6 - 2 * silkFrames) & 1) != 0;
    return mid || side;
  }

  /** How many frames the packet says it has (RFC 6716 3.2); 0 if it is malformed. */
  private static int frameCount(ByteBuffer packet) {
    if (!packet.hasRemaining()) {
      return 0;
    }
    return switch (firstByte(packet) & 0x03) {
      case 0 -> 1;
      case 1, 2 -> 2;
      default -> packet.remaining() < 2 ? 0 : packet.get(packet.position() + 1) & 0x3f;
    };
  }

  /** Where the first frame's bytes start, or -1 if there are none. */
  private static int firstFrameOffset(ByteBuffer packet, int frames) {
    int at = packet.position() + 1;
    int end = packet.limit();
    int code = firstByte(packet) & 0x03;
    if (code < 2) {
      return 1;
    }
    if (code == 2) {
      return afterLength(packet, at, end);
    }
    int second = packet.get(at++) & 0xff;
    if ((second & 0x40) != 0) {
      int padding;
      do {
        if (at >= end) {
          return -1;
        }
        padding = packet.get(at++) & 0xff;
      } while (padding == 255);
    }
    int offset = at - packet.position();
    if ((second & 0x80) != 0) {
      for (int i = 0; i < frames - 1 && offset >= 0; i++) {
        offset = afterLength(packet, packet.position() + offset, end);
      }
    }
    return offset;
  }

  /** The offset behind a frame length of one or two bytes (RFC 6716 3.2.1), or -1. */
  private static int afterLength(ByteBuffer packet, int at, int end) {
    if (at >= end) {
      return -1;
    }
    int size = (packet.get(at) & 0xff) < 252 ? 1 : 2;
    return at + size > end ? -1 : at + size - packet.position();
  }

  private static long frameNanos(int tableOfContents) {
    int configuration = tableOfContents >>> 3;
    if (configuration < 12) {
      return SILK_NANOS[configuration & 3];
    }
    return configuration < 16 ? HYBRID_NANOS[configuration & 1] : CELT_NANOS[configuration & 3];
  }

  private static int firstByte(ByteBuffer packet) {
    return packet.get(packet.position()) & 0xff;
  }
}
