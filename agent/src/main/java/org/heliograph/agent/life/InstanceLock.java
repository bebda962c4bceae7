package org.heliograph.agent.life;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.heliograph.text.Cause;

/**
 * What makes one agent of a user the only one: a lock on a file beside {@code agent.json}. The
 * kernel gives it to one process and takes it back however that ends, so nothing is ever stale. The
 * file stays: who would remove it could remove one that another process has just locked.
 *
 * <p>It holds between sandboxes of the user's too, which see the file but not each other's
 * processes.
 */
public final class InstanceLock implements AutoCloseable {
  /**
   * The locks of this process, which the kernel would give it twice and take back from both with
   * the first. Guarded by the class, as all that opens the files is.
   */
  private static final Set<Path> HELD = new HashSet<>();

  private final Path file;
  private final FileChannel channel;

  private InstanceLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /** The lock's file, beside an address file. */
  public static Path fileFor(Path addressFile) {
    Path file = addressFile.toAbsolutePath().normalize();
    return file.resolveSibling(file.getFileName() + ".lock");
  }

  /**
   * Takes the lock, if nobody has it; never waits.
   *
   * @param addressFile the file in which the agent will write its address; its directory is made
   * @throws IOException in words, if there can be no such file
   */
  public static synchronized Optional<InstanceLock> tryTake(Path addressFile) throws IOException {
    Path file = fileFor(addressFile);
    if (!HELD.add(file)) {
      return Optional.empty();
    }
    FileChannel channel = null;
    boolean taken = false;
    try {
      createDirectory(file.getParent());
      Ownership.check(file);
      channel =
          FileChannel.open(
              file,
              Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      FileLock lock = channel.tryLock();
      taken = lock != null;
      if (!taken) {
        return Optional.empty();
      }
      return Optional.of(new InstanceLock(file, channel));
    } catch (IOException unusable) {
      throw unusable(file, unusable);
    } finally {
      if (!taken) {
        HELD.remove(file);
        if (channel != null) {
          channel.close();
        }
      }
    }
  }

  /** What is said where the agent's files cannot be kept or read. */
  static IOException unusable(Path file, IOException cause) {
    return Cause.in(
        "The agent cannot keep its files in " + file.toAbsolutePath().getParent(),
        cause,
        "Set XDG_RUNTIME_DIR to a directory of yours that has room.");
  }

  /**
   * Whether somebody has the lock: an agent of this user that starts, runs or ends.
   *
   * @throws IOException in words, if the files are another user's
   */
  public static synchronized boolean isHeld(Path addressFile) throws IOException {
    Path file = fileFor(addressFile);
    if (HELD.contains(file)) {
      return true;
    }
    try {
      Ownership.check(file);
      Ownership.check(addressFile.toAbsolutePath());
    } catch (IOException foreign) {
      throw unusable(file, foreign);
    }
    // Shared, so that of several who look at once none takes another for an agent.
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        FileLock lock = channel.tryLock(0, Long.MAX_VALUE, true)) {
      return lock == null;
    } catch (NoSuchFileException noneYet) {
      return false;
    } catch (IOException unreadable) {
      throw unusable(file, unreadable);
    }
  }

  /** Makes a directory that only the user can look into. */
  public static void createDirectory(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
  }

  @Override
  public void close() throws IOException {
    synchronized (InstanceLock.class) {
      try {
        channel.close();
      } finally {
        HELD.remove(file);
      }
    }
  }
}
