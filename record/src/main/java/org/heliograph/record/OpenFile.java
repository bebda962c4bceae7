package org.heliograph.record;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * A recording's file while it is written. It is known by its descriptor (proc(5), {@code
 * /proc/self/fd}), and so found by whatever name the user has given it meanwhile. One thread at a
 * time uses it.
 */
final class OpenFile {
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
  private static final FileAttribute<Set<PosixFilePermission>> OWNERS_FILE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final FileChannel channel;
  private final Object key;

  /** Leads to the file, as long as it is open, under any name and under none. */
  private final Path descriptor;

  private Path path;

  private OpenFile(FileChannel channel, Path path) throws IOException {
    this.channel = channel;
    this.path = path;
    this.key = key(path);
    this.descriptor = descriptor();
  }

  /**
   * Makes a file that is the user's alone.
   *
   * @throws java.nio.file.FileAlreadyExistsException if there is one of that name, or a link
   */
  static OpenFile create(Path path) throws IOException {
    FileChannel channel =
        FileChannel.open(
            path, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OWNERS_FILE);
    try {
      return new OpenFile(channel, path);
    } catch (IOException | RuntimeException | Error failure) {
      channel.close();
      throw failure;
    }
  }

  private static Object key(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
  }

  /** The path itself where there is no /proc; then a file that is renamed counts as removed. */
  private Path descriptor() throws IOException {
    if (!Files.isDirectory(DESCRIPTORS)) {
      return path;
    }
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(DESCRIPTORS)) {
      for (Path each : descriptors) {
        if (leadsHere(each)) {
          return each;
        }
      }
    }
    return path;
  }

  private boolean leadsHere(Path name) {
    try {
      return key.equals(key(name));
    } catch (IOException _) {
      return false; // There is nothing of that name, or nothing that may be looked at.
    }
  }

  FileChannel channel() {
    return channel;
  }

  /** What it is called, as of the last look. */
  Path path() {
    return path;
  }

  /** How many bytes the user may still write to its disk. */
  long usableBytes() {
    return descriptor.toFile().getUsableSpace();
  }

  /**
   * Finds out what it is called by now.
   *
   * @throws RecordingException if it was removed
   */
  void look() throws IOException {
    if (links() == 0) {
      throw new RecordingException(
          RecordingException.Reason.FILE_GONE,
          "The recording has ended, because its file "
              + path
              + " was removed, or moved to another disk.",
          "Move a recording after it was stopped.",
          null);
    }
    if (!leadsHere(path)) {
      Path renamed = Files.readSymbolicLink(descriptor);
      if (leadsHere(renamed)) {
        path = renamed;
      }
    }
  }

  private int links() throws IOException {
    try {
      return (int) Files.getAttribute(descriptor, "unix:nlink");
    } catch (NoSuchFileException _) {
      return 0;
    }
  }

  /**
   * Closes it, and deletes it where it stayed empty.
   *
   * @return whether there is a file now
   */
  boolean close() throws IOException {
    channel.close();
    if (!leadsHere(path)) {
      return false;
    }
    if (Files.size(path) > 0) {
      return true;
    }
    Files.delete(path);
    return false;
  }
}
