package org.heliograph.agent.life;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;

/**
 * Whose the files are by which a user and the agent find each other. In a directory such as /tmp
 * anybody can have made what the user was to have, and would be taken for the agent.
 */
final class Ownership {
  private Ownership() {}

  /**
   * Checks one of these files, and the directory that it is in; what is not there is in order.
   *
   * @throws IOException with a clause that says what is wrong
   */
  static void check(Path file) throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    Path parent = directory.getParent();
    if (parent != null && isThere(directory) && othersWrite(parent) && !isOurs(directory)) {
      throw new IOException("it belongs to another user");
    }
    if (!isThere(file)) {
      return;
    }
    PosixFileAttributes attributes = attributes(file);
    if (!isOurs(file)) {
      throw new IOException("the file " + file.getFileName() + " belongs to another user");
    }
    if (!attributes.isRegularFile()) {
      throw new IOException(file.getFileName() + " is no file");
    }
    if (attributes.permissions().contains(PosixFilePermission.OTHERS_WRITE)) {
      throw new IOException("every user may write to the file " + file.getFileName());
    }
  }

  private static boolean isThere(Path path) {
    return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
  }

  private static boolean othersWrite(Path directory) throws IOException {
    return Files.getPosixFilePermissions(directory).contains(PosixFilePermission.OTHERS_WRITE);
  }

  private static boolean isOurs(Path path) throws IOException {
    return attributes(path).owner().equals(Files.getOwner(Path.of("/proc/self")));
  }

  private static PosixFileAttributes attributes(Path path) throws IOException {
    return Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
  }
}
