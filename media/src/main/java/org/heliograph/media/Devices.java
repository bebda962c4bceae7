package org.heliograph.media;

import org.heliograph.session.ContentHint;
import org.heliograph.session.DeviceException;

/**
 * Where a call's own picture and sound come from. A device is open only while an enabled track
 * needs it; several calls share one device, each with its own encoder.
 */
public interface Devices extends AutoCloseable {
  /**
   * Opens a source and starts to encode it.
   *
   * @param hint how it is encoded best
   * @throws DeviceException if the device is missing, busy, forbidden or unusable
   */
  CaptureTrack open(TrackSource source, ContentHint hint, CaptureListener listener)
      throws DeviceException;

  /** Opens the configured camera; throws as {@link #open} does. */
  default CaptureTrack openCamera(CaptureListener listener) throws DeviceException {
    return open(TrackSource.CAMERA, ContentHint.NONE, listener);
  }

  /** Opens the configured microphone; throws as {@link #open} does. */
  default CaptureTrack openMicrophone(CaptureListener listener) throws DeviceException {
    return open(TrackSource.MICROPHONE, ContentHint.NONE, listener);
  }

  /** Ends every track and frees every device. */
  @Override
  void close();
}
