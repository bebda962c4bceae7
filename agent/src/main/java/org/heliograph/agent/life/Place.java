package org.heliograph.agent.life;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The one place that a user has for an agent. Of several that start at once one gets it, and the
 * others wait until that one can be used, or has failed and the place is free again.
 */
public final class Place {
  /** A start takes a second; one that takes this long hangs. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** How often the lock is tried while nothing happens to the files beside it. */
  private static final Duration STEP = Duration.ofMillis(100);

  private Place() {}

  /**
   * Takes the place.
   *
   * @throws AlreadyRunningException if another agent has it, and can be used
   * @throws IOException in words, if it cannot be had
   */
  public static InstanceLock take(Path addressFile) throws IOException {
    Optional<InstanceLock> free = InstanceLock.tryTake(addressFile);
    if (free.isPresent()) {
      return free.get();
    }
    return await(
            addressFile,
            () -> {
              Optional<AddressFile.Address> running = answering(addressFile);
              if (running.isPresent()) {
                throw new AlreadyRunningException(running.get());
              }
              return InstanceLock.tryTake(addressFile);
            })
        .orElseThrow(() -> hangs(addressFile));
  }

  /**
   * The agent that has the place, when it can be used; empty if none has it. One that is about to
   * start or to end is waited for.
   *
   * @throws IOException in words, if it hangs
   */
  public static Optional<AddressFile.Address> find(Path addressFile) throws IOException {
    if (!InstanceLock.isHeld(addressFile)) {
      return Optional.empty();
    }
    return await(
            addressFile,
            () -> {
              Optional<AddressFile.Address> running = answering(addressFile);
              return running.isPresent() || !InstanceLock.isHeld(addressFile)
                  ? Optional.of(running)
                  : Optional.empty();
            })
        .orElseThrow(() -> hangs(addressFile));
  }

  /**
   * The agent that can be used at this moment. What a killed one has left names none, even where
   * another program answers at its address by now.
   */
  public static Optional<AddressFile.Address> answering(Path addressFile) throws IOException {
    return InstanceLock.isHeld(addressFile)
        ? AddressFile.read(addressFile).filter(AddressFile.Address::answers)
        : Optional.empty();
  }

  /** Waits until an agent that somebody else has started can be used; empty if it never can. */
  public static Optional<AddressFile.Address> awaitAgent(Path addressFile) throws IOException {
    return await(addressFile, () -> answering(addressFile));
  }

  /** What is said of an agent that neither answers nor ends. */
  public static IOException hangs(Path addressFile) {
    return new IOException(
        "An agent of yours neither answers nor ends. Kill it with \"fuser -k "
            + InstanceLock.fileFor(addressFile)
            + "\".");
  }

  /** Waits until no agent has the place; false if one keeps it. */
  public static boolean awaitFree(Path addressFile) throws IOException {
    Optional<InstanceLock> lock = await(addressFile, () -> InstanceLock.tryTake(addressFile));
    if (lock.isPresent()) {
      lock.get().close();
    }
    return lock.isPresent();
  }

  private interface Look<T> {
    Optional<T> look() throws IOException;
  }

  private static WatchService watch(Path addressFile) throws IOException {
    WatchService changes = null;
    try {
      Path directory = addressFile.toAbsolutePath().getParent();
      InstanceLock.createDirectory(directory);
      changes = FileSystems.getDefault().newWatchService();
      directory.register(
          changes, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_DELETE);
      return changes;
    } catch (IOException unwatchable) {
      if (changes != null) {
        changes.close();
      }
      throw InstanceLock.unusable(addressFile, unwatchable);
    }
  }

  /** Looks again whenever something happens to the files there, until there is something. */
  private static <T> Optional<T> await(Path addressFile, Look<T> look) throws IOException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    try (WatchService changes = watch(addressFile)) {
      Optional<T> found = look.look();
      while (found.isEmpty() && System.nanoTime() - end < 0) {
        WatchKey change = changes.poll(STEP.toMillis(), TimeUnit.MILLISECONDS);
        if (change != null) {
          change.pollEvents();
          change.reset();
        }
        found = look.look();
      }
      return found;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IOException("The start was interrupted.", interrupted);
    }
  }
}
