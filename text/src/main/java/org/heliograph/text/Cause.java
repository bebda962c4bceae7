package org.heliograph.text;

import java.io.EOFException;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.Locale;
import java.util.Optional;

/**
 * What an input or output error is to a person. Java's own messages are for whoever knows the
 * exception's class: of a file that is not there, or may not be touched, they are its path.
 */
public final class Cause {
  /** A port cannot be had because of the rights that it takes (ip(7)). */
  public static final String LOW_PORT = "only root may use a port as low as that";

  /** An address cannot be listened on. */
  public static final String NOT_OURS = "it is no address of this machine";

  private static final Path SELF = Path.of("/proc/self");

  private Cause() {}

  /**
   * A sentence without a full stop, and without a capital letter where it begins with a word: what
   * follows "…: ". Never empty, and without an exception's name.
   */
  public static String words(IOException failure) {
    return ForeignText.lines(
        switch (failure) {
          case FileSystemException file -> ofFile(file);
          case CharacterCodingException _ -> "it is no UTF-8 text";
          case UnknownHostException unknown -> "the name " + unknown.getMessage() + " is not known";
          case BindException refused -> ofAddress(refused);
          case NoRouteToHostException _ -> "there is no way to it";
          case HttpTimeoutException _ -> "no answer has come";
          case ConnectException _ -> "nobody listens there";
          case EOFException _ -> "it ends too early";
          case ClosedChannelException _ -> "it has been closed";
          default -> ofSystem(failure.getMessage(), "");
        });
  }

  /**
   * An error in words.
   *
   * @param what what cannot be done, such as "The log cannot be kept in /tmp"
   * @param remedy a sentence that says what to do
   */
  public static IOException in(String what, IOException failure, String remedy) {
    return new IOException(what + ": " + words(failure) + ". " + remedy, failure);
  }

  private static String ofFile(FileSystemException failure) {
    String file = failure.getFile();
    if (file == null) {
      return ofSystem(failure.getReason(), "");
    }
    return switch (failure) {
      case NoSuchFileException _ when failure.getReason() == null -> file + " is not there";
      case AccessDeniedException _ -> denied(Path.of(file));
      case FileAlreadyExistsException _ ->
          file + (Files.isDirectory(Path.of(file)) ? " is there already" : " is no directory");
      case NotDirectoryException _ -> file + " is no directory";
      case FileSystemLoopException _ -> "the links of " + file + " lead in a circle";
      default -> ofSystem(failure.getReason(), file);
    };
  }

  /** Names what is in the way: the file, or the nearest directory that is there. */
  private static String denied(Path file) {
    Path there = file.toAbsolutePath();
    while (there.getParent() != null && !Files.exists(there, LinkOption.NOFOLLOW_LINKS)) {
      there = there.getParent();
    }
    return "permission is denied for "
        + there
        + otherOwner(there).map(owner -> ", which belongs to the user " + owner).orElse("");
  }

  private static Optional<String> otherOwner(Path file) {
    try {
      UserPrincipal owner = Files.getOwner(file);
      return owner.equals(Files.getOwner(SELF)) ? Optional.empty() : Optional.of(owner.getName());
    } catch (IOException | UnsupportedOperationException unknown) {
      return Optional.empty();
    }
  }

  private static String ofAddress(BindException refused) {
    String words = ("" + refused.getMessage()).toLowerCase(Locale.ROOT);
    if (words.contains("in use")) {
      return "another program uses it";
    }
    if (words.contains("permission")) {
      return LOW_PORT;
    }
    return words.contains("assign") ? NOT_OURS : ofSystem(refused.getMessage(), "");
  }

  /** The C library's words (strerror(3)), of those that a user meets. */
  private static String ofSystem(String reason, String file) {
    String words = ("" + reason).toLowerCase(Locale.ROOT);
    String of = file.isEmpty() ? "" : " of " + file;
    if (words.contains("read-only file system")) {
      return "the file system" + of + " is read-only";
    }
    if (words.contains("no space left")) {
      return "the disk" + of + " is full";
    }
    if (words.contains("too many levels of symbolic links")) {
      return "the links" + of + " lead in a circle";
    }
    if (words.contains("quota exceeded")) {
      return "the quota on the disk" + of + " is used up";
    }
    if (words.contains("is a directory")) {
      return (file.isEmpty() ? "it" : file) + " is a directory";
    }
    if (words.contains("too many open files")) {
      return "too many files are open (ulimit -n)";
    }
    if (reason == null || reason.isBlank()) {
      return "it has failed" + (file.isEmpty() ? "" : " at " + file);
    }
    String first = reason.lines().findFirst().orElse(reason);
    return file.isEmpty() ? first : file + ": " + first;
  }
}
