package org.heliograph.peer.sdp;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/**
 * The {@code key=value} list of an {@code a=fmtp} line (as in RFC 7587 7, RFC 7741 6.2, RFC 4588
 * 8.6). A key is compared without regard to case; a word without {@code =} has an empty value; of a
 * repeated key the first counts.
 *
 * @param values the parameters by lower-case key, in order
 */
public record FormatParameters(Map<String, String> values) {
  /** No parameters. */
  public static final FormatParameters NONE = new FormatParameters(Map.of());

  public FormatParameters {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  /** Reads the text of an {@code a=fmtp} line after its format. */
  public static FormatParameters parse(String text) {
    Map<String, String> values = new LinkedHashMap<>();
    for (String parameter : text.split(";", -1)) {
      int equals = parameter.indexOf('=');
      String key = (equals < 0 ? parameter : parameter.substring(0, equals)).strip();
      String value = equals < 0 ? "" : parameter.substring(equals + 1).strip();
      if (!key.isEmpty()) {
        values.putIfAbsent(key.toLowerCase(Locale.ROOT), value);
      }
    }
    return new FormatParameters(values);
  }

  /** The number that a key has; empty where the key is missing or its value is not a number. */
  public OptionalInt number(String key) {
    String value = values.get(key);
    if (value == null) {
      return OptionalInt.empty();
    }
    try {
      return OptionalInt.of(Integer.parseInt(value));
    } catch (NumberFormatException notANumber) {
      return OptionalInt.empty();
    }
  }

  /** Whether a key has the value 1. */
  public boolean flag(String key) {
    return "1".equals(values.get(key));
  }

  @Override
  public String toString() {
    return values.entrySet().stream()
        .map(entry -> entry.getValue().isEmpty() ? entry.getKey() : entry.toString())
        .collect(Collectors.joining(";"));
  }
}
