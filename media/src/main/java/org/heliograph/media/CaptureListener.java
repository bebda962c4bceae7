package org.heliograph.media;

import org.heliograph.peer.media.MediaFrame;
import org.heliograph.session.DeviceException;

/** Takes what a track gives; called on the capturing thread, which it must not block. */
public interface CaptureListener {
  /** An encoded frame, its time on the clock of {@link System#nanoTime()}. */
  void onFrame(MediaFrame frame);

  /**
   * The device failed while in use, such as a camera that was unplugged. The track goes on in black
   * or silence; {@link CaptureTrack#setEnabled} opens the device again. Also called when the
   * encoder failed: the track has then ended and can only be closed.
   */
  void onDeviceLost(DeviceException cause);
}
