package org.heliograph.agent.file;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/** A file that only its owner can read, and that appears whole or not at all. */
public final class OwnersFile {
  private OwnersFile() {}

  /** What writes the content. */
  public interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Puts a file in the place of another, or of none.
   *
   * @throws IOException if it cannot be written; then the other is as it was, and nothing is left
   */
  public static void replace(Path file, Content content) throws IOException {
    Path next =
        Files.createTempFile(
            file.toAbsolutePath().getParent(),
            file.getFileName().toString(),
            ".new",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      try (OutputStream out = Files.newOutputStream(next)) {
        content.writeTo(out);
      }
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException | RuntimeException failure) {
      Files.deleteIfExists(next);
      throw failure;
    }
  }
}
