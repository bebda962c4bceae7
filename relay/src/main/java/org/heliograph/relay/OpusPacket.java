package org.heliograph.relay;

import java.nio.ByteBuffer;

/** What is needed here of an Opus packet's first byte (RFC 6716 3.1). */
public final class OpusPacket {
  private static final long MICROSECOND = 1_000;
  private static final long[] SILK_NANOS = micros(10_000, 20_000, 40_000, 60_000);
  private static final long[] HYBRID_NANOS = micros(10_000, 20_000);
  private static final long[] CELT_NANOS = micros(2_500, 5_000, 10_000, 20_000);

  /** How long {@link #silence} lasts. */
  public static final long SILENCE_NANOS = 20_000 * MICROSECOND;

  /** CELT, full band, stereo, one frame of 20 ms, whose first coded bit says that it is silent. */
  private static final ByteBuffer SILENCE =
      ByteBuffer.wrap(new byte[] {(byte) 0xfc, (byte) 0xff, (byte) 0xfe}).asReadOnlyBuffer();

  private OpusPacket() {}

  /** A packet of silence (RFC 6716 4.3). */
  public static ByteBuffer silence() {
    return SILENCE;
  }

  /** How long one frame of the packet lasts. */
  public static long frameNanos(ByteBuffer packet) {
    int configuration = (packet.get(packet.position()) & 0xff) >> 3;
    if (configuration < 12) {
      return SILK_NANOS[configuration & 3];
    }
    if (configuration < 16) {
      return HYBRID_NANOS[configuration & 1];
    }
    return CELT_NANOS[configuration & 3];
  }

  /**
   * A packet that stands for a missing one and lasts {@link #frameNanos}: one frame of no bytes,
   * for which a decoder makes up what was lost, or comfort noise (RFC 6716 3.2.1).
   */
  public static ByteBuffer missing(ByteBuffer packet) {
    byte oneFrame = (byte) (packet.get(packet.position()) & 0xfc);
    return ByteBuffer.wrap(new byte[] {oneFrame}).asReadOnlyBuffer();
  }

  private static long[] micros(int... values) {
    long[] nanos = new long[values.length];
    for (int i = 0; i < values.length; i++) {
      nanos[i] = values[i] * MICROSECOND;
    }
    return nanos;
  }
}
