package org.heliograph.agent.record;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.heliograph.agent.record.RecordingException.Reason;

/**
 * The directory of the recordings. Every file is made new in it, never over another one, and is the
 * user's alone (0600); so is the directory where it has to be made (0700).
 */
public final class RecordingDirectory {
  /** What {@link #isFileName} accepts, in words. */
  public static final String FILE_NAME_FORM =
      "1 to 100 letters, digits, spaces and . _ - + @ ( ), beginning with a letter or a digit;"
          + " \".webm\" is added where it is missing";

  private static final Pattern FILE_NAME = Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N} ._+@()-]*");
  private static final int LONGEST_NAME = 100;
  private static final int LONGEST_NAME_BYTES = 200;
  private static final String SUFFIX = ".webm";
  private static final int MOST_FILES = 1000;
  private static final DateTimeFormatter FILE_TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH.mm.ss").withZone(ZoneId.systemDefault());
  private static final FileAttribute<Set<PosixFilePermission>> OWNERS_FILE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final FileAttribute<Set<PosixFilePermission>> OWNERS_DIRECTORY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private final Path directory;
  private final long keepFreeBytes;

  /**
   * @param keepFreeBytes a disk with less than that left counts as full
   */
  public RecordingDirectory(Path directory, long keepFreeBytes) {
    this.directory = directory.toAbsolutePath().normalize();
    this.keepFreeBytes = keepFreeBytes;
  }

  /** Whether a text can be a recording's name: one that cannot lead out of the directory. */
  public static boolean isFileName(String text) {
    return text.length() <= LONGEST_NAME
        && text.getBytes(StandardCharsets.UTF_8).length <= LONGEST_NAME_BYTES
        && FILE_NAME.matcher(text).matches();
  }

  /**
   * Makes a recording's first file.
   *
   * @param name what it is to be called; empty for the time and the peer's name
   * @throws RecordingException if it cannot be made, or the disk is full already
   */
  public RecordingFiles create(Optional<String> name, String peer, Instant now)
      throws RecordingException {
    if (name.isPresent() && !isFileName(name.get())) {
      throw new IllegalArgumentException("not the name of a recording: " + name.get());
    }
    try {
      Files.createDirectories(directory, OWNERS_DIRECTORY);
      String base = name.map(RecordingDirectory::withoutSuffix).orElse(defaultName(peer, now));
      OpenFiles files = new OpenFiles(base);
      if (files.roomBytes() <= 0) {
        throw diskFull(null);
      }
      files.open(name.isPresent());
      return files;
    } catch (RecordingException said) {
      throw said;
    } catch (IOException failure) {
      throw new RecordingException(
          Reason.DIRECTORY_UNUSABLE,
          "No file can be made in " + directory + ": " + cause(failure) + ".",
          "Make the directory writable, or set recording.directory to another one.",
          failure);
    }
  }

  private static String withoutSuffix(String name) {
    return name.endsWith(SUFFIX) && name.length() > SUFFIX.length()
        ? name.substring(0, name.length() - SUFFIX.length())
        : name;
  }

  private static String defaultName(String peer, Instant now) {
    String printable = peer.replaceAll("[^\\p{L}\\p{N}_+@-]+", "_");
    String shortened = printable.substring(0, Math.min(printable.length(), 40));
    return FILE_TIME.format(now) + " " + shortened;
  }

  private static String cause(IOException failure) {
    return switch (failure) {
      case AccessDeniedException _ -> "permission is denied";
      case FileSystemException system when system.getReason() != null -> system.getReason();
      case FileAlreadyExistsException exists -> exists.getFile() + " is no directory";
      default -> "" + failure.getMessage();
    };
  }

  private RecordingException diskFull(IOException cause) {
    return new RecordingException(
        Reason.DISK_FULL,
        keepFreeBytes > 0
            ? "The disk of %s is full: less than %d MB are free."
                .formatted(directory, keepFreeBytes / 1_000_000)
            : "The disk of " + directory + " is full.",
        "Free some space, or set recording.directory to another disk.",
        cause);
  }

  private final class OpenFiles implements RecordingFiles {
    private final String base;
    private final List<Path> paths = new ArrayList<>();
    private FileChannel current;
    private boolean firstIsTaken;

    OpenFiles(String base) {
      this.base = base;
    }

    private void open(boolean exactly) throws IOException {
      for (int number = paths.size() + 1; number <= MOST_FILES; number++) {
        Path path = directory.resolve(base + (number == 1 ? "" : " " + number) + SUFFIX);
        try {
          current =
              FileChannel.open(
                  path,
                  Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                  OWNERS_FILE);
          paths.add(path);
          return;
        } catch (FileAlreadyExistsException exists) {
          if (exactly) {
            throw new RecordingException(
                Reason.FILE_EXISTS,
                path + " exists already.",
                "Choose another name, or give none.",
                exists);
          }
        }
      }
      throw new IOException("there are " + MOST_FILES + " files of that name");
    }

    @Override
    public SeekableByteChannel next() throws IOException {
      if (firstIsTaken) {
        open(false);
      }
      firstIsTaken = true;
      return current;
    }

    @Override
    public List<String> paths() {
      return paths.stream().map(Path::toString).toList();
    }

    @Override
    public long roomBytes() throws IOException {
      if (!Files.isDirectory(directory)) {
        throw new NoSuchFileException(directory.toString(), null, "the directory is gone");
      }
      return directory.toFile().getUsableSpace() - keepFreeBytes;
    }

    @Override
    public void force() throws IOException {
      if (current.isOpen()) {
        current.force(false);
      }
    }

    @Override
    public void close() throws IOException {
      current.close();
      Path last = paths.getLast();
      if (Files.size(last) == 0) {
        Files.delete(last);
        paths.removeLast();
      }
    }
  }
}
