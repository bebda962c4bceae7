package org.heliograph.text;

import java.lang.Character.UnicodeScript;
import java.util.EnumSet;
import java.util.Set;

/**
 * Text of others: of peers, servers, pages and devices. Whatever of it is kept, logged or shown
 * goes through here, so that it is what it looks like: it moves no cursor, turns no line around,
 * ends no line and hides nothing.
 *
 * <p>Unfit are the general categories Cc (control), Cf (format; among them what changes the
 * direction, UAX #9), Zl, Zp (line and paragraph separator) and Cs (half of a surrogate pair). Two
 * format characters are part of correct spelling and stay where they are that: the zero width
 * joiner within an emoji (UTS #51), and both joiners between two characters of a script whose
 * letters they shape, such as Arabic or Devanagari. Between Latin, Greek, Cyrillic or Han they
 * would only let two names look the same.
 */
public final class ForeignText {
  /** How long a text is that stands in a message, in UTF-16 code units. */
  public static final int LINE_LIMIT = 256;

  /** The longest name of a peer, in UTF-16 code units. */
  public static final int NAME_LIMIT = 128;

  /** What {@link #isName} accepts, in words. */
  public static final String NAME_FORM =
      "a name of 1 to " + NAME_LIMIT + " characters, without control or invisible ones";

  /** Stands for what is unfit (Unicode 23.8). */
  private static final char REPLACEMENT = '\uFFFD';

  private static final int NON_JOINER = 0x200C;
  private static final int JOINER = 0x200D;
  private static final int EMOJI_PRESENTATION = 0xFE0F;

  /** Whose letters take another shape beside a joiner. */
  private static final Set<UnicodeScript> SHAPED_BY_JOINERS =
      EnumSet.of(
          UnicodeScript.ARABIC,
          UnicodeScript.SYRIAC,
          UnicodeScript.NKO,
          UnicodeScript.MONGOLIAN,
          UnicodeScript.DEVANAGARI,
          UnicodeScript.BENGALI,
          UnicodeScript.GURMUKHI,
          UnicodeScript.GUJARATI,
          UnicodeScript.ORIYA,
          UnicodeScript.TAMIL,
          UnicodeScript.TELUGU,
          UnicodeScript.KANNADA,
          UnicodeScript.MALAYALAM,
          UnicodeScript.SINHALA,
          UnicodeScript.KHMER,
          UnicodeScript.MYANMAR);

  private ForeignText() {}

  /** Whether a text can be a peer's name. What is unfit is not replaced in one: it identifies. */
  public static boolean isName(String text) {
    return !text.isBlank() && text.length() <= NAME_LIMIT && firstUnfit(text, false) < 0;
  }

  /** The text as a part of a line, at most {@link #LINE_LIMIT} long. */
  public static String line(String text) {
    return line(text, LINE_LIMIT);
  }

  /**
   * The text as a part of a line: controls and what ends a line become a space, what else is unfit
   * U+FFFD.
   *
   * @param limit how long it may be, in UTF-16 code units; of a longer one the end is left out
   */
  public static String line(String text, int limit) {
    if (text.length() <= limit) {
      return replaced(text, false);
    }
    int end = Character.isHighSurrogate(text.charAt(limit - 1)) ? limit - 1 : limit;
    return replaced(text.substring(0, end), false) + "…";
  }

  /** The text with its line feeds and tabs, otherwise as {@link #line}; of any length. */
  public static String lines(String text) {
    return replaced(text, true);
  }

  private static String replaced(String text, boolean lines) {
    int at = firstUnfit(text, lines);
    if (at < 0) {
      return text;
    }
    StringBuilder fit = new StringBuilder(text.length()).append(text, 0, at);
    while (at < text.length()) {
      int character = text.codePointAt(at);
      if (isFit(text, at, character, lines)) {
        fit.appendCodePoint(character);
      } else {
        fit.append(isInvisible(character) ? REPLACEMENT : ' ');
      }
      at += Character.charCount(character);
    }
    return fit.toString();
  }

  private static int firstUnfit(String text, boolean lines) {
    for (int at = 0; at < text.length(); ) {
      int character = text.codePointAt(at);
      if (!isFit(text, at, character, lines)) {
        return at;
      }
      at += Character.charCount(character);
    }
    return -1;
  }

  private static boolean isFit(String text, int at, int character, boolean lines) {
    if (character >= ' ' && character < 0x7F) {
      return true;
    }
    return switch (Character.getType(character)) {
      case Character.CONTROL -> lines && (character == '\n' || character == '\t');
      case Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SURROGATE -> false;
      case Character.FORMAT ->
          (character == JOINER || character == NON_JOINER) && joins(text, at, character);
      default -> true;
    };
  }

  private static boolean isInvisible(int unfit) {
    int category = Character.getType(unfit);
    return category == Character.FORMAT || category == Character.SURROGATE;
  }

  private static boolean joins(String text, int at, int joiner) {
    if (at == 0 || at + 1 == text.length()) {
      return false;
    }
    int before = text.codePointBefore(at);
    int after = text.codePointAt(at + 1);
    if (joiner == JOINER && Character.isExtendedPictographic(after)) {
      return Character.isExtendedPictographic(before)
          || Character.isEmojiModifier(before)
          || before == EMOJI_PRESENTATION;
    }
    UnicodeScript script = UnicodeScript.of(before);
    return SHAPED_BY_JOINERS.contains(script) && script == UnicodeScript.of(after);
  }
}
