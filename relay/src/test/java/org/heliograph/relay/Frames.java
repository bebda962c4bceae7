package org.heliograph.relay;

import java.nio.ByteBuffer;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaFrame;

/** Frames with right headers and nothing behind them. */
public final class Frames {
  static final long MILLISECOND = 1_000_000;
  static final long AUDIO_NANOS = 20 * MILLISECOND;

  private static final int OPUS_20_MS_STEREO = 0xfc;

  private Frames() {}

  public static MediaFrame key(long millis) {
    return key(millis, 640, 480);
  }

  public static MediaFrame key(long millis, int width, int height) {
    return video(
        millis,
        true,
        0x10,
        0,
        0,
        0x9d,
        1,
        0x2a,
        width & 0xff,
        width >> 8,
        height & 0xff,
        height >> 8);
  }

  public static MediaFrame delta(long millis) {
    return video(millis, false, 0x31, 0, 0, 1, 2, 3);
  }

  /** A delta frame of some size. */
  public static MediaFrame delta(long millis, int size) {
    ByteBuffer payload = ByteBuffer.allocate(size).put(0, (byte) 0x31);
    return new MediaFrame(MediaFormat.VP8, millis * MILLISECOND, 0, false, payload);
  }

  /** A VP9 key frame of 640x360. */
  static MediaFrame vp9Key(long millis) {
    return vp9(millis, true, 0x82, 0x49, 0x83, 0x42, 0x20, 0x27, 0xf0, 0x16, 0x70);
  }

  /** A shown VP9 frame that fills slot 2. */
  static MediaFrame vp9Delta(long millis) {
    return vp9(millis, false, 0x86, 0x01, 0x00, 0x02);
  }

  private static MediaFrame vp9(long millis, boolean key, int... bytes) {
    MediaFrame frame = video(millis, key, bytes);
    return new MediaFrame(MediaFormat.VP9, frame.timeNanos(), 0, key, frame.payload());
  }

  static MediaFrame brokenKey(long millis) {
    return video(millis, true, 0x10, 0, 0, 1, 2, 3, 4, 5, 6, 7);
  }

  static MediaFrame audio(long millis) {
    ByteBuffer payload = ByteBuffer.wrap(new byte[] {(byte) OPUS_20_MS_STEREO, 1, 2, 3});
    return new MediaFrame(MediaFormat.OPUS, millis * MILLISECOND, AUDIO_NANOS, true, payload);
  }

  private static MediaFrame video(long millis, boolean key, int... bytes) {
    ByteBuffer payload = ByteBuffer.allocate(bytes.length);
    for (int value : bytes) {
      payload.put((byte) value);
    }
    return new MediaFrame(MediaFormat.VP8, millis * MILLISECOND, 0, key, payload.flip());
  }
}
