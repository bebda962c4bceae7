package org.heliograph.media;

import static org.bytedeco.ffmpeg.global.avutil.av_strerror;

import java.io.Serial;
import java.nio.charset.StandardCharsets;

/** FFmpeg refused something. */
final class FfmpegException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  private final int error;

  FfmpegException(String action, int error) {
    super(action + ": " + describe(error));
    this.error = error;
  }

  /** FFmpeg's error code: for an error of the system its errno, negative. */
  int error() {
    return error;
  }

  private static String describe(int error) {
    byte[] text = new byte[128];
    int _ = av_strerror(error, text, text.length);
    return new String(text, StandardCharsets.UTF_8).trim();
  }
}
