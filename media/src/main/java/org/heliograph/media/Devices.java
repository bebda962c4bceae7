package org.heliograph.media;

import org.heliograph.session.DeviceException;

/**
 * Where a call's own picture and sound come from. A device is open only while an enabled track
 * needs it; several calls share one device, each with its own encoder.
 */
public interface Devices extends AutoCloseable {
  /**
   * Opens the camera and starts to encode it.
   *
   * @throws DeviceException if the camera is missing, busy, forbidden or unusable
   */
  CaptureTrack openCamera(CaptureListener listener) throws DeviceException;

  /**
   * Opens the microphone and starts to encode it.
   *
   * @throws DeviceException if the microphone is missing, busy, forbidden or unusable
   */
  CaptureTrack openMicrophone(CaptureListener listener) throws DeviceException;

  /** Ends every track and frees every device. */
  @Override
  void close();
}
