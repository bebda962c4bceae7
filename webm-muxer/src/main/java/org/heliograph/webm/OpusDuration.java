package org.heliograph.webm;

import java.nio.ByteBuffer;

/** How long an Opus packet lasts, by its first two bytes (RFC 6716 3.1 and 3.2). */
final class OpusDuration {
  private static final long MICROSECOND = 1_000;

  private OpusDuration() {}

  static long nanos(ByteBuffer packet) {
    int first = packet.get(packet.position()) & 0xff;
    return frames(packet, first & 3) * frameMicros(first >> 3) * MICROSECOND;
  }

  private static long frameMicros(int configuration) {
    if (configuration < 12) { // SILK
      return switch (configuration & 3) {
        case 0 -> 10_000;
        case 1 -> 20_000;
        case 2 -> 40_000;
        default -> 60_000;
      };
    }
    if (configuration < 16) { // hybrid
      return (configuration & 1) == 0 ? 10_000 : 20_000;
    }
    return 2_500L << (configuration & 3); // CELT
  }

  private static int frames(ByteBuffer packet, int code) {
    return switch (code) {
      case 0 -> 1;
      case 1, 2 -> 2;
      default -> packet.remaining() > 1 ? packet.get(packet.position() + 1) & 0x3f : 1;
    };
  }
}
