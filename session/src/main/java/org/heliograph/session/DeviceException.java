package org.heliograph.session;

import java.io.Serial;

/** A camera or microphone cannot be used; says which, why, and what a user can do. */
public final class DeviceException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  /** Why a device cannot be used. */
  public enum Reason {
    /** There is no such device, or none is configured. */
    MISSING,
    /** Another program has it. */
    BUSY,
    /** This user must not use it. */
    NO_PERMISSION,
    /** It is there, but not usable: no format that we know, or a library is missing. */
    UNSUPPORTED,
    /** It failed or went silent while it was opened or used. */
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

  /** The same for another caller, with that caller's stack. */
  static DeviceException again(DeviceException first) {
    return new DeviceException(first.device, first.reason, first.getMessage(), first);
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
