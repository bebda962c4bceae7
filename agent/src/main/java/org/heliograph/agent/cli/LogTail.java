package org.heliograph.agent.cli;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.function.Consumer;

/** Reads the end of a log file, and what is added to it; also when it begins anew. */
final class LogTail implements AutoCloseable {
  private final RandomAccessFile file;
  private final WatchService changes;
  private long position;

  private LogTail(RandomAccessFile file, WatchService changes, long position) {
    this.file = file;
    this.changes = changes;
    this.position = position;
  }

  /** Opens a file at its last lines. */
  static LogTail open(Path path, int lines) throws IOException {
    RandomAccessFile file = new RandomAccessFile(path.toFile(), "r");
    WatchService changes = FileSystems.getDefault().newWatchService();
    path.toAbsolutePath().getParent().register(changes, StandardWatchEventKinds.ENTRY_MODIFY);
    return new LogTail(file, changes, startOfLast(file, lines));
  }

  private static long startOfLast(RandomAccessFile file, int lines) throws IOException {
    byte[] all = new byte[Math.toIntExact(file.length())];
    file.readFully(all);
    int found = 0;
    for (int i = all.length - 2; i >= 0; i--) {
      if (all[i] == '\n' && ++found == lines) {
        return i + 1L;
      }
    }
    return 0;
  }

  /** Hands over each whole line that has not been read yet. */
  void read(Consumer<String> reader) throws IOException {
    if (file.length() < position) {
      position = 0;
    }
    file.seek(position);
    byte[] added = new byte[Math.toIntExact(file.length() - position)];
    file.readFully(added);
    int from = 0;
    for (int i = 0; i < added.length; i++) {
      if (added[i] == '\n') {
        reader.accept(new String(added, from, i - from, StandardCharsets.UTF_8));
        from = i + 1;
      }
    }
    position += from;
  }

  /** Waits until the file may have changed. */
  void awaitMore() throws InterruptedException {
    WatchKey key = changes.take();
    key.pollEvents();
    key.reset();
  }

  @Override
  public void close() throws IOException {
    changes.close();
    file.close();
  }
}
