package org.heliograph.agent.doctor;

import java.util.List;

/**
 * One thing that was looked at.
 *
 * @param area what it belongs to, such as {@code camera}
 * @param name what was looked at, such as {@code /dev/video0}
 * @param detail what was found, for a person
 * @param hint what to do about it; empty where there is nothing
 * @param more details of their own, such as a camera's formats
 */
public record Finding(
    String area, String name, Verdict verdict, String detail, String hint, List<String> more) {

  /** How it stands. */
  public enum Verdict {
    /** It works. */
    OK,
    /** Calls work, but not as well as they could. */
    WARNING,
    /** Calls do not work before it is mended. */
    FAILURE
  }

  public Finding {
    more = List.copyOf(more);
  }

  static Finding ok(String area, String name, String detail) {
    return new Finding(area, name, Verdict.OK, detail, "", List.of());
  }

  static Finding warning(String area, String name, String detail, String hint) {
    return new Finding(area, name, Verdict.WARNING, detail, hint, List.of());
  }

  static Finding failure(String area, String name, String detail, String hint) {
    return new Finding(area, name, Verdict.FAILURE, detail, hint, List.of());
  }

  /** For a person, in a line or several; without the area. */
  public String toText() {
    String mark =
        switch (verdict) {
          case OK -> "  ok    ";
          case WARNING -> "  warn  ";
          case FAILURE -> "  FAIL  ";
        };
    StringBuilder text = new StringBuilder(mark).append(name).append(": ").append(detail);
    more.forEach(each -> text.append("\n          ").append(each));
    if (!hint.isEmpty()) {
      text.append("\n        → ").append(hint);
    }
    return text.toString();
  }
}
