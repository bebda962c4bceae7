package org.heliograph.media;

import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.heliograph.session.DeviceException;

/** Where frames come from. Used by one thread. */
interface FrameInput extends AutoCloseable {
  /**
   * Reads on, without waiting.
   *
   * @return whether there is a {@link #frame}
   * @throws FfmpegException if the device is gone
   * @throws DeviceException likewise, with the reason in words
   */
  boolean next() throws FfmpegException, DeviceException;

  /** What was read last. */
  AVFrame frame();

  @Override
  void close();
}
