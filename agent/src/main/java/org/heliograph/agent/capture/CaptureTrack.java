package org.heliograph.agent.capture;

/** One call's encoded camera or microphone. */
public interface CaptureTrack extends AutoCloseable {
  /**
   * Switches the track off or on. A camera that is off has its device closed, and the track gives a
   * black picture now and then; a microphone that is off gives silence, and no sample of it is
   * encoded.
   *
   * @throws DeviceException if the device cannot be opened again
   */
  void setEnabled(boolean enabled) throws DeviceException;

  /** Makes the next frame a key frame; does nothing for sound. */
  void requestKeyFrame();

  /** Sets the encoder's target, in bits per second, from the next frame on. */
  void setBitsPerSecond(int bitsPerSecond);

  /** Says how much loss to prepare for, in per cent, from the next frame on; only for sound. */
  void setExpectedLossPercent(int percent);

  /** Ends the track; when it returns, no further frame comes. Does nothing the second time. */
  @Override
  void close();
}
