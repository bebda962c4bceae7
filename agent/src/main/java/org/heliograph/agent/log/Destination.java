package org.heliograph.agent.log;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import org.slf4j.event.Level;

/** Where the log goes: always to the standard error output, but to different readers of it. */
public sealed interface Destination {
  /** Writes one message, of a line or several. */
  void write(Level level, String text);

  /** Its name in the API. */
  String wireName();

  /** A person, who knows which day it is. */
  record Terminal() implements Destination {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS");

    @Override
    public void write(Level level, String text) {
      System.err.println(
          TIME.format(LocalTime.now(ZoneId.systemDefault())) + " " + level + " " + text);
    }

    @Override
    public String wireName() {
      return "stderr";
    }
  }

  /**
   * The journal, which knows the time, and takes the priority from the start of each line
   * (sd-daemon(3)).
   */
  record Journal() implements Destination {
    @Override
    public void write(Level level, String text) {
      String priority =
          switch (level) {
            case ERROR -> "<3>";
            case WARN -> "<4>";
            case INFO -> "<6>";
            case DEBUG, TRACE -> "<7>";
          };
      System.err.println(priority + text.replace("\n", "\n" + priority));
    }

    @Override
    public String wireName() {
      return "journal";
    }
  }

  /**
   * A file, to which whoever has started the agent has led its standard error output, for
   * appending: so what the JVM and native libraries say is in it too. When it has grown too long it
   * is copied to one of the same name with ".1", and begins anew; so both together are bounded.
   */
  final class LogFile implements Destination {
    private static final long LIMIT_BYTES = 1_000_000;

    private final Path file;
    private final long limitBytes;
    private long bytes;

    /**
     * @param file where the standard error output leads
     */
    public LogFile(Path file) {
      this(file, LIMIT_BYTES);
    }

    LogFile(Path file, long limitBytes) {
      this.file = file;
      this.limitBytes = limitBytes;
      this.bytes = file.toFile().length();
    }

    /** Where it is. */
    public Path file() {
      return file;
    }

    @Override
    public synchronized void write(Level level, String text) {
      String line =
          OffsetDateTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.MILLIS)
              + " "
              + level
              + " "
              + text
              + "\n";
      byte[] encoded = line.getBytes(StandardCharsets.UTF_8);
      if (bytes + encoded.length > limitBytes) {
        beginAnew();
      }
      bytes += encoded.length;
      System.err.print(line);
      System.err.flush();
    }

    private void beginAnew() {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        Files.copy(
            file,
            file.resolveSibling(file.getFileName() + ".1"),
            StandardCopyOption.REPLACE_EXISTING,
            StandardCopyOption.COPY_ATTRIBUTES);
        channel.truncate(0);
      } catch (IOException full) {
        System.err.println("The log cannot begin anew: " + full);
      }
      bytes = 0;
    }

    @Override
    public String wireName() {
      return "file";
    }
  }
}
