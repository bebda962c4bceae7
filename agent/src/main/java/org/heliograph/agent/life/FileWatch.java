package org.heliograph.agent.life;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Watches which file a path leads to, and what is in it. Each name on the way can be made, replaced
 * or taken away: a directory, a symbolic link to one, the file, a link to it. So every directory in
 * which a name of the way is looked up is watched (inotify(7)), of the way's as far as it exists.
 *
 * <p>Editors write a new file and put it in place of the old one, or write in several steps: what
 * comes close together is told once, when it is over.
 */
public final class FileWatch implements AutoCloseable {
  private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** Whoever writes for longer is not waited for. */
  private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** As many as the kernel follows (path_resolution(7)). */
  private static final int MOST_LINKS = 40;

  private static final WatchEvent.Kind<?>[] NAMES = {
    StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_DELETE
  };

  private static final WatchEvent.Kind<?>[] NAMES_AND_CONTENT = {
    StandardWatchEventKinds.ENTRY_CREATE,
    StandardWatchEventKinds.ENTRY_DELETE,
    StandardWatchEventKinds.ENTRY_MODIFY
  };

  private final Path file;
  private final WatchService changes;

  /** The watched directories, with the names that are looked up in them. */
  private Map<WatchKey, Set<Path>> watched = Map.of();

  private FileWatch(Path file, WatchService changes) {
    this.file = file;
    this.changes = changes;
  }

  /**
   * Begins to watch. What changes from now on is told when there is {@linkplain #tell somebody} to
   * tell.
   *
   * @throws IOException if the directory that the way leads to cannot be watched
   */
  public static FileWatch begin(Path file) throws IOException {
    FileWatch watch =
        new FileWatch(file.toAbsolutePath(), FileSystems.getDefault().newWatchService());
    try {
      watch.followTheWay();
      return watch;
    } catch (IOException | RuntimeException unwatchable) {
      watch.close();
      throw unwatchable;
    }
  }

  /** Somebody who is told of changes. */
  public interface Listener {
    /** The path may lead to another file, or the file have another content, or be gone. */
    void changed();

    /** Changes are not noticed any more. */
    void unwatchable(IOException why);
  }

  /** Tells of each change, on a thread of its own. */
  public void tell(Listener listener) {
    Thread.ofPlatform().daemon().name("heliograph-watch").start(() -> run(listener));
  }

  private void run(Listener listener) {
    try {
      while (true) {
        if (concerns(changes.take())) {
          awaitQuiet();
          try {
            followTheWay();
          } catch (IOException unwatchable) {
            listener.unwatchable(unwatchable);
          }
          listener.changed();
        }
      }
    } catch (ClosedWatchServiceException | InterruptedException _) {
      // It is over.
    }
  }

  private void awaitQuiet() throws InterruptedException {
    long now = System.nanoTime();
    long end = now + LONGEST_NANOS;
    long quiet = now + QUIET_NANOS;
    while (quiet - now > 0 && end - now > 0) {
      WatchKey key = changes.poll(Math.min(quiet - now, end - now), TimeUnit.NANOSECONDS);
      now = System.nanoTime();
      if (key != null && concerns(key)) {
        quiet = now + QUIET_NANOS;
      }
    }
  }

  private boolean concerns(WatchKey key) {
    Set<Path> names = watched.get(key);
    boolean concerned = false;
    for (WatchEvent<?> event : key.pollEvents()) {
      concerned |=
          names != null
              && (event.kind().equals(StandardWatchEventKinds.OVERFLOW)
                  || names.contains(event.context()));
    }
    boolean directoryIsThere = key.reset();
    return concerned || (names != null && !directoryIsThere);
  }

  /**
   * Watches each directory before it looks a name up in it, so that nothing can change unnoticed in
   * between; and those no longer that the way does not lead through any more.
   */
  private void followTheWay() throws IOException {
    Map<WatchKey, Set<Path>> way = new HashMap<>();
    IOException unwatchable = null;
    Path directory = file.getRoot(); // With no link in it, so that its parent is that of "..".
    Deque<Path> names = new ArrayDeque<>();
    putInFront(names, file);
    int links = 0;
    boolean onwards = true;
    while (onwards && !names.isEmpty()) {
      Path name = names.removeFirst();
      if (name.toString().equals("..")) {
        directory = directory.getParent() == null ? directory : directory.getParent();
      } else if (!name.toString().equals(".") && !name.toString().isEmpty()) {
        unwatchable = watch(directory, name, names.isEmpty(), way);
        Path next = directory.resolve(name);
        if (Files.isSymbolicLink(next)) {
          Path target = Files.readSymbolicLink(next);
          directory = target.isAbsolute() ? target.getRoot() : directory;
          putInFront(names, target);
          onwards = ++links <= MOST_LINKS;
        } else {
          directory = next;
          onwards = Files.isDirectory(next, LinkOption.NOFOLLOW_LINKS);
        }
      }
    }
    for (WatchKey left : watched.keySet()) {
      if (!way.containsKey(left)) {
        left.cancel();
      }
    }
    watched = way;
    if (unwatchable != null) {
      throw unwatchable;
    }
  }

  private static void putInFront(Deque<Path> names, Path way) {
    for (int i = way.getNameCount() - 1; i >= 0; i--) {
      names.addFirst(way.getName(i));
    }
  }

  /** Watches a directory; null if it is watched, or is just gone, which its own is watched for. */
  private IOException watch(
      Path directory, Path name, boolean isTheLast, Map<WatchKey, Set<Path>> way) {
    try {
      WatchKey key = directory.register(changes, isTheLast ? NAMES_AND_CONTENT : NAMES);
      way.computeIfAbsent(key, _ -> new HashSet<>()).add(name);
      return null;
    } catch (NoSuchFileException | NotDirectoryException gone) {
      return null;
    } catch (IOException refused) {
      return refused;
    }
  }

  /** What is watched. */
  public Path file() {
    return file;
  }

  @Override
  public void close() {
    try {
      changes.close();
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }
}
