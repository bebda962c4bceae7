package org.heliograph.agent.call;

import java.io.Serial;
import java.util.Locale;
import java.util.Optional;
import org.heliograph.record.RecordingException;
import org.heliograph.session.DeviceException;

/** A call cannot do what it was asked to; nothing has changed. */
public final class CallException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  /** Why. */
  public enum Code {
    UNKNOWN_CALL,
    CALL_EXISTS,
    CHANNEL_USED,
    WRONG_STATE,
    WRONG_PEER,
    CALLS_DISABLED,
    NOT_IN_CALL,
    UNKNOWN_TRACK,
    TOO_MANY_TRACKS,
    NOT_ADDED,
    TOO_MANY_CALLS,
    DEVICE,
    SIGNALING_UNAVAILABLE,
    RECORDING_DISABLED,
    ALREADY_RECORDING,
    NOT_RECORDING,
    FILE_EXISTS,
    DIRECTORY_UNUSABLE,
    DISK_FULL;

    /** The code's name in the API. */
    public String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Code code;
  private final String hint;

  CallException(Code code, String message, String hint) {
    super(message);
    this.code = code;
    this.hint = hint;
  }

  CallException(RecordingException cause) {
    super(cause.getMessage(), cause);
    this.code =
        switch (cause.reason()) {
          case FILE_EXISTS -> Code.FILE_EXISTS;
          case DISK_FULL -> Code.DISK_FULL;
          case DIRECTORY_UNUSABLE, FILE_GONE, WRITING_FAILED -> Code.DIRECTORY_UNUSABLE;
        };
    this.hint = cause.hint();
  }

  CallException(DeviceException cause) {
    super(cause.getMessage(), cause);
    this.code = Code.DEVICE;
    this.hint = hintFor(cause.reason());
  }

  public Code code() {
    return code;
  }

  /** What to do about it; empty where there is nothing. */
  public String hint() {
    return hint;
  }

  /** The device that cannot be used, where it is about one. */
  public Optional<DeviceException> device() {
    return getCause() instanceof DeviceException device ? Optional.of(device) : Optional.empty();
  }

  /** The code of a device's failure in the API, such as {@code device_busy}. */
  public static String deviceCode(DeviceException.Reason reason) {
    return "device_" + reason.name().toLowerCase(Locale.ROOT);
  }

  static String hintFor(DeviceException.Reason reason) {
    return switch (reason) {
      case BUSY -> "Close the program that uses it, or call without it.";
      case MISSING, LOST -> "Plug it in, choose another in the configuration, or call without it.";
      case NO_PERMISSION -> "\"heliograph doctor\" says which group or permission is missing.";
      case UNSUPPORTED -> "Choose another device in the configuration, or call without it.";
    };
  }
}
