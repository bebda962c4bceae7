package org.heliograph.peer.sdp;

import java.util.ArrayList;
import java.util.List;

/** The fields of one line, separated by spaces or tabs, read from left to right. */
final class Fields {
  /** No number of so many digits overflows. */
  private static final int MAX_LONG_DIGITS = 18;

  private final int line;
  private final String text;
  private int position;

  Fields(int line, String text) {
    this.line = line;
    this.text = text;
    skipSpaces();
  }

  boolean hasMore() {
    return position < text.length();
  }

  /** The next field. */
  String token(String what) {
    if (!hasMore()) {
      throw new SdpException(line, what + " is missing");
    }
    int end = position;
    while (end < text.length() && !isSeparator(text.charAt(end))) {
      end++;
    }
    String token = text.substring(position, end);
    position = end;
    skipSpaces();
    return token;
  }

  /** The next field, which is a number from 0 to a maximum. */
  long number(String what, long maximum) {
    return parseNumber(line, what, token(what), maximum);
  }

  /** The next field, which is a number of any length; one that is too great is the greatest. */
  long saturatingNumber(String what) {
    String digits = token(what);
    if (!isNumber(digits)) {
      throw new SdpException(line, what + " is not a number");
    }
    String significant = digits.replaceFirst("^0+(?=.)", "");
    return significant.length() > MAX_LONG_DIGITS ? Long.MAX_VALUE : Long.parseLong(significant);
  }

  /** Whether a field is digits and nothing else. */
  static boolean isNumber(String field) {
    return !field.isEmpty() && field.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  /** All that is left of the line, as one text; may be empty. */
  String rest() {
    String rest = text.substring(position).stripTrailing();
    position = text.length();
    return rest;
  }

  /** All that is left of the line, field by field. */
  List<String> remainingTokens() {
    List<String> tokens = new ArrayList<>();
    while (hasMore()) {
      tokens.add(token("a field"));
    }
    return tokens;
  }

  static long parseNumber(int line, String what, String token, long maximum) {
    long number = 0;
    for (int i = 0; i < token.length(); i++) {
      char c = token.charAt(i);
      if (c < '0' || c > '9') {
        throw new SdpException(line, what + " is not a number");
      }
      int digit = c - '0';
      if (number > (maximum - digit) / 10) {
        throw new SdpException(line, what + " is greater than " + maximum);
      }
      number = number * 10 + digit;
    }
    if (token.isEmpty()) {
      throw new SdpException(line, what + " is missing");
    }
    return number;
  }

  private static boolean isSeparator(char c) {
    return c == ' ' || c == '\t';
  }

  private void skipSpaces() {
    while (position < text.length() && isSeparator(text.charAt(position))) {
      position++;
    }
  }
}
