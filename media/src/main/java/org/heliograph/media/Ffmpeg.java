package org.heliograph.media;

import static org.bytedeco.ffmpeg.global.avutil.AV_LOG_QUIET;
import static org.bytedeco.ffmpeg.global.avutil.av_log_set_level;

/** Sets FFmpeg up, once, before anything else of it is used. */
public final class Ffmpeg {
  static {
    // JavaCPP would refuse to allocate once the whole process, not only what JavaCPP allocated,
    // has grown to twice the Java heap. What is allocated here is freed by close(), so that its
    // own bookkeeping by the garbage collector is not needed either.
    System.setProperty("org.bytedeco.javacpp.maxBytes", "0");
    System.setProperty("org.bytedeco.javacpp.maxPhysicalBytes", "0");
    // What goes wrong is reported by exceptions; FFmpeg's own lines on stderr help nobody.
    av_log_set_level(AV_LOG_QUIET);
  }

  private Ffmpeg() {}

  /**
   * Makes sure that it is set up.
   *
   * @throws LinkageError if a library that it needs is missing
   */
  public static void prepare() {
    // The static initializer has done it.
  }
}
