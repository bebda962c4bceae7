package org.heliograph.peer;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.heliograph.peer.sdp.SkippedLine;

/**
 * Logs what was passed over in the other side's descriptions and candidates: once for each
 * description, and the same thing once for the whole connection. Bounded in length and number,
 * because the other side decides what it says.
 */
final class SkippedLines {
  /** How many lines of a description are named; of the others only the number. */
  static final int MAX_NAMED = 5;

  /** How many entries one connection makes. */
  static final int MAX_ENTRIES = 20;

  private static final Logger LOGGER = System.getLogger(SkippedLines.class.getName());
  private static final int MAX_LENGTH = 120;

  private final Set<String> logged = new HashSet<>();

  /**
   * Logs the lines that were passed over in one description, if there are any.
   *
   * @param what such as {@code offer}
   */
  void log(String what, List<SkippedLine> skipped) {
    if (skipped.isEmpty()) {
      return;
    }
    String named =
        skipped.stream()
            .limit(MAX_NAMED)
            .map(line -> printable(line.toString()))
            .collect(Collectors.joining("; "));
    int others = skipped.size() - MAX_NAMED;
    log(
        "passed over in the other side's %s: %s%s"
            .formatted(what, named, others > 0 ? "; and " + others + " more" : ""));
  }

  private void log(String entry) {
    if (logged.size() < MAX_ENTRIES && logged.add(entry)) {
      LOGGER.log(
          Level.WARNING,
          logged.size() == MAX_ENTRIES ? entry + " (further ones are not logged)" : entry);
    }
  }

  /**
   * A text of the other side, fit to be logged and shown: short, and without marks and controls.
   */
  static String printable(String text) {
    String shown = text.replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}]", "?");
    return shown.length() <= MAX_LENGTH ? shown : shown.substring(0, MAX_LENGTH) + "…";
  }
}
