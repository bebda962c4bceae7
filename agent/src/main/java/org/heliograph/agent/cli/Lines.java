package org.heliograph.agent.cli;

import java.util.ArrayList;
import java.util.List;

/** Text in a column. */
final class Lines {
  /** The width of a sentence beside a column of names. */
  static final int BESIDE_NAMES = 78;

  private Lines() {}

  /** A text in lines no longer than that, unless a word is. */
  static List<String> wrapped(String text, int width) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ", -1)) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    lines.add(line.toString());
    return lines;
  }
}
