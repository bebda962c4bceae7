package org.heliograph.record;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
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
import java.util.stream.Stream;
import org.heliograph.record.RecordingException.Reason;
import org.heliograph.text.Cause;

/**
 * The directory of the recordings. Every file is made new in it, never over another one, and is the
 * user's alone (0600); so is the directory where it has to be made (0700).
 */
public final class RecordingDirectory {
  /** What {@link #isFileName} accepts, in words. */
  public static final String FILE_NAME_FORM =
      "1 to 100 letters, digits, spaces and . _ - + @ ( ), 200 bytes of UTF-8 at most, beginning"
          + " with a letter or a digit; \".webm\" is added where it is missing";

  /** Marks belong to the letters of many scripts (Unicode 4.5). */
  private static final Pattern FILE_NAME =
      Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{M}\\p{N} ._+@()-]*");

  private static final int LONGEST_NAME = 100;
  private static final int LONGEST_NAME_BYTES = 200;

  /** How much of a peer's name stands in a file's, in characters. */
  private static final int LONGEST_PEER = 40;

  private static final String SUFFIX = ".webm";
  private static final int MOST_FILES = 1000;
  private static final DateTimeFormatter FILE_TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH.mm.ss").withZone(ZoneId.systemDefault());
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
   * Whether a file can have that name here. Java knows no names but those of its locale's encoding,
   * which is UTF-8 in a program that the launcher has started.
   */
  public static boolean isEncodable(String name) {
    try {
      Path _ = Path.of(name);
      return true;
    } catch (InvalidPathException _) {
      return false;
    }
  }

  /**
   * Makes a recording's first file.
   *
   * @param name what it is to be called; empty for the time and the peer's name
   * @throws RecordingException if it cannot be made, or the disk is full already
   */
  public RecordingFiles create(Optional<String> name, String peer, Instant now)
      throws RecordingException {
    if (name.isPresent() && !(isFileName(name.get()) && isEncodable(name.get()))) {
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
          "No file can be made in " + directory + ": " + Cause.words(failure) + ".",
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
    String printable = peer.replaceAll("[^\\p{L}\\p{M}\\p{N}_+@-]+", "_");
    if (!isEncodable(printable)) {
      printable = printable.replaceAll("[^\\p{ASCII}]+", "_");
    }
    int end =
        printable.offsetByCodePoints(
            0, Math.min(LONGEST_PEER, printable.codePointCount(0, printable.length())));
    return FILE_TIME.format(now) + " " + printable.substring(0, end);
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
    private final List<Path> complete = new ArrayList<>();

    /** The file that is written; null before the first, and where it is gone or stayed empty. */
    private OpenFile current;

    private boolean firstIsTaken;

    OpenFiles(String base) {
      this.base = base;
    }

    private void open(boolean exactly) throws IOException {
      for (int number = complete.size() + 1; number <= MOST_FILES; number++) {
        Path path = directory.resolve(base + (number == 1 ? "" : " " + number) + SUFFIX);
        try {
          current = OpenFile.create(path);
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
        OpenFile before = current;
        before.look();
        complete.add(before.path());
        try {
          open(false);
        } catch (IOException | RuntimeException | Error failure) {
          complete.removeLast();
          throw failure;
        }
      }
      firstIsTaken = true;
      return current.channel();
    }

    @Override
    public List<String> paths() {
      return Stream.concat(complete.stream(), Stream.ofNullable(current).map(OpenFile::path))
          .map(Path::toString)
          .toList();
    }

    @Override
    public void look() throws IOException {
      current.look();
    }

    @Override
    public long roomBytes() {
      long bytes = current == null ? directory.toFile().getUsableSpace() : current.usableBytes();
      return bytes - keepFreeBytes;
    }

    @Override
    public void force() throws IOException {
      if (current.channel().isOpen()) {
        current.channel().force(false);
      }
    }

    @Override
    public void close() throws IOException {
      if (!current.close()) {
        current = null;
      }
    }
  }
}
