package org.heliograph.agent.record;

import java.io.IOException;
import java.io.Serial;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

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

  /** What the system said, as a part of a sentence: its exceptions' messages may be a path only. */
  static String explain(IOException failure) {
    return switch (failure) {
      case AccessDeniedException _ -> "permission is denied";
      case NoSuchFileException missing -> missing.getFile() + " is not there";
      case FileAlreadyExistsException exists -> exists.getFile() + " is no directory";
      case FileSystemException system when system.getReason() != null -> system.getReason();
      default -> failure.getMessage() == null ? failure.toString() : failure.getMessage();
    };
  }

  public Reason reason() {
    return reason;
  }

  /** What to do about it. */
  public String hint() {
    return hint;
  }
}
