package org.heliograph.record;

import java.io.IOException;
import java.io.Serial;

/** A recording cannot begin, or go on; in words for a person. */
public final class RecordingException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  /** Why. */
  public enum Reason {
    /** There is a file of that name already. */
    FILE_EXISTS,
    /** The directory cannot be made, or files in it cannot. */
    DIRECTORY_UNUSABLE,
    /** The disk is full, or so nearly that it must not get fuller. */
    DISK_FULL,
    /** The file that was written was removed. */
    FILE_GONE,
    /** The disk failed. */
    WRITING_FAILED
  }

  private final Reason reason;
  private final String hint;

  RecordingException(Reason reason, String message, String hint, IOException cause) {
    super(message, cause);
    this.reason = reason;
    this.hint = hint;
  }

  public Reason reason() {
    return reason;
  }

  /** What to do about it. */
  public String hint() {
    return hint;
  }
}
