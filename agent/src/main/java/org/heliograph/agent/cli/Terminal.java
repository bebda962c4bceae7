package org.heliograph.agent.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.heliograph.text.ForeignText;

/**
 * What a person reads while something goes on: lines that stay, and in a terminal a last one that
 * says how it stands and is overwritten. Elsewhere, in a pipe or a file, only lines that stay. Text
 * of others among them steers nothing.
 */
final class Terminal {
  /** Begins the line anew, and does not break it where it is too long for the window (ECMA-48). */
  private static final String OVERWRITE = "\r\u001b[?7l";

  /** Wider than any window. */
  private static final int LINE_LIMIT = 1000;

  private static final String END_OF_OVERWRITE = "\u001b[K\u001b[?7h";

  private final PrintWriter out;
  private final boolean interactive;
  private boolean overwritable;

  Terminal(PrintWriter out, boolean interactive) {
    this.out = out;
    this.interactive = interactive;
  }

  /** The standard output, which may be a terminal. */
  static Terminal of(PrintWriter out, Map<String, String> environment) {
    return new Terminal(out, isTerminal() && !"dumb".equals(environment.get("TERM")));
  }

  private static boolean isTerminal() {
    try {
      String output = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
      return output.startsWith("/dev/pts/") || output.startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException unknown) {
      return false;
    }
  }

  /** Whether a line can be overwritten. */
  boolean isInteractive() {
    return interactive;
  }

  /** Prints lines that stay. */
  synchronized void line(String text) {
    clear();
    out.println(ForeignText.lines(text));
    out.flush();
  }

  /** Says how it stands, until the next line of either kind; nothing where that cannot be done. */
  synchronized void progress(String text) {
    if (interactive) {
      out.print(OVERWRITE + ForeignText.line(text, LINE_LIMIT) + END_OF_OVERWRITE);
      out.flush();
      overwritable = true;
    }
  }

  /** Takes away what {@link #progress} has left. */
  synchronized void clear() {
    if (overwritable) {
      out.print("\r\u001b[K");
      out.flush();
      overwritable = false;
    }
  }
}
