package org.heliograph.agent.cli;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.function.Consumer;

/** Reads the end of a log file, and what is added to it; also when another takes its place. */
final class LogTail implements AutoCloseable {
  private final Path path;
  private final WatchService changes;
  private RandomAccessFile file;
  private Object fileKey;
  private long position;

  private LogTail(Path path, RandomAccessFile file, WatchService changes, long position)
      throws IOException {
    this.path = path;
    this.file = file;
    this.fileKey = keyOf(path);
    this.changes = changes;
    this.position = position;
  }

  /** Opens a file at its last lines. */
  static LogTail open(Path path, int lines) throws IOException {
    Files.newByteChannel(path).close(); // Whose exceptions name what is wrong.
    RandomAccessFile file = new RandomAccessFile(path.toFile(), "r");
    WatchService changes = FileSystems.getDefault().newWatchService();
    path.toAbsolutePath()
        .getParent()
        .register(
            changes, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
    return new LogTail(path, file, changes, startOfLast(file, lines));
  }

  /** Which file it is, whatever its name. */
  private static Object keyOf(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
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
    readAdded(reader);
    if (Files.exists(path) && !keyOf(path).equals(fileKey)) {
      file.close();
      file = new RandomAccessFile(path.toFile(), "r");
      fileKey = keyOf(path);
      position = 0;
      readAdded(reader);
    }
  }

  private void readAdded(Consumer<String> reader) throws IOException {
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
