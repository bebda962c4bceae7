package org.heliograph.agent.capture;

import org.heliograph.peer.media.MediaFrame;

/** Takes what a track gives; called on the capturing thread, which it must not block. */
public interface CaptureListener {
  /** An encoded frame, its time on the clock of {@link System#nanoTime()}. */
  void onFrame(MediaFrame frame);

  /**
   * The device failed while in use, such as a camera that was unplugged; the track gives nothing
   * until it is enabled again.
   */
  void onDeviceLost(DeviceException cause);
}
