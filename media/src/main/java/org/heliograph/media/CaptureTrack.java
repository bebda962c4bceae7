package org.heliograph.media;

import org.heliograph.session.DeviceException;

/** One call's encoded camera or microphone. */
public interface CaptureTrack extends AutoCloseable {
  /** What a track gives now. */
  enum State {
    /** What its device gives. */
    ON,
    /** Black or silence, because it was switched off. */
    OFF,
    /** Black or silence, because its device is gone; {@link #setEnabled} opens that again. */
    LOST,
    /** Nothing any more: it was closed, or its encoder failed. */
    ENDED
  }

  /**
   * What the track gives now, by its device and not by what was asked of it: a switch that is under
   * way counts as done.
   */
  State state();

  /**
   * Switches the track off or on. A camera that is off has its device closed, and the track gives a
   * black picture now and then; a microphone that is off gives silence, and no sample of it is
   * encoded. When it returns, nothing more of what the device gave comes.
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
