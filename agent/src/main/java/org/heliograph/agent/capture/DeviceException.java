package org.heliograph.agent.capture;

import java.io.Serial;

/** A camera or microphone cannot be used; says which, why, and what a user can do. */
public final class DeviceException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  /** Why a device cannot be used. */
  public enum Reason {
    MISSING,
    BUSY,
    NO_PERMISSION,
    UNSUPPORTED,
    LOST
  }

  private final String device;
  private final Reason reason;

  /**
   * @param device the device's name as a user knows it, such as {@code /dev/video0}
   * @param message a sentence for a person: what is wrong and what to do about it
   */
  public DeviceException(String device, Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.device = device;
    this.reason = reason;
  }

  /** The device's name as a user knows it. */
  public String device() {
    return device;
  }

  /** Why it cannot be used. */
  public Reason reason() {
    return reason;
  }
}
