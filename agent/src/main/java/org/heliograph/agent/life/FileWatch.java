package org.heliograph.agent.life;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.concurrent.TimeUnit;

/**
 * Watches a file, also one that is not there yet, and through a symbolic link to it. Editors write
 * a new file and put it in place of the old one, or write in several steps: what comes close
 * together is told once, when it is over.
 */
public final class FileWatch implements AutoCloseable {
  private static final int QUIET_MILLIS = 100;

  private final Path file;
  private final WatchService changes;
  private final Runnable onChange;

  private FileWatch(Path file, WatchService changes, Runnable onChange) {
    this.file = file;
    this.changes = changes;
    this.onChange = onChange;
  }

  /**
   * Begins to watch.
   *
   * @param file its directory must be there
   * @param onChange called on a thread of its own
   */
  public static FileWatch begin(Path file, Runnable onChange) throws IOException {
    WatchService changes = FileSystems.getDefault().newWatchService();
    try {
      Path place = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath().normalize();
      FileWatch watch = new FileWatch(place, changes, onChange);
      place
          .getParent()
          .register(
              changes,
              StandardWatchEventKinds.ENTRY_CREATE,
              StandardWatchEventKinds.ENTRY_MODIFY,
              StandardWatchEventKinds.ENTRY_DELETE);
      Thread.ofPlatform().daemon().name("heliograph-watch").start(watch::run);
      return watch;
    } catch (IOException | RuntimeException unwatchable) {
      changes.close();
      throw unwatchable;
    }
  }

  private void run() {
    try {
      WatchKey key = changes.take();
      while (true) {
        boolean concerned = false;
        while (key != null) {
          concerned |= key.pollEvents().stream().anyMatch(this::concerns);
          if (!key.reset()) {
            return;
          }
          key = changes.poll(QUIET_MILLIS, TimeUnit.MILLISECONDS);
        }
        if (concerned) {
          onChange.run();
        }
        key = changes.take();
      }
    } catch (ClosedWatchServiceException | InterruptedException _) {
      // It is over.
    }
  }

  private boolean concerns(WatchEvent<?> event) {
    return event.kind().equals(StandardWatchEventKinds.OVERFLOW)
        || file.getFileName().equals(event.context());
  }

  @Override
  public void close() throws IOException {
    changes.close();
  }
}
