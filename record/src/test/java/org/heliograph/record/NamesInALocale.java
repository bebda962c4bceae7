package org.heliograph.record;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A program of the tests: makes recordings with names that its locale may not have. */
final class NamesInALocale {
  private NamesInALocale() {}

  /** Prints what came of each, a line for each. */
  public static void main(String[] arguments) throws Exception {
    RecordingDirectory directory = new RecordingDirectory(Path.of("calls"), 0);
    Instant now = Instant.parse("2026-03-01T10:00:00Z");
    for (String name : List.of("\u00fcbung \u6f22", "call", "")) {
      Optional<String> given = Optional.of(name).filter(text -> !text.isEmpty());
      System.out.println(
          RecordingDirectory.isEncodable(name)
              ? Path.of(directory.create(given, "J\u00fcrgen", now).paths().getFirst())
                  .getFileName()
              : "no name here");
    }
  }
}
