package org.heliograph.agent.config;

import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a key's value may be. A value comes from TOML in its own type, and from the environment or
 * an option as text; {@link #read} takes both.
 */
sealed interface ValueType {
  /**
   * The value, checked.
   *
   * @param raw a TOML value, or text
   * @throws IllegalArgumentException if it is not allowed; {@link #allowed} says what is
   */
  Object read(Object raw);

  /** What is allowed, to stand after "must be". */
  String allowed();

  /** The value as TOML. */
  default String toToml(Object value) {
    return value.toString();
  }

  /** A whole number within a range, both ends included. */
  record WholeNumber(long minimum, long maximum) implements ValueType {
    @Override
    public Object read(Object raw) {
      long value =
          switch (raw) {
            case Long number -> number;
            case String text -> Long.parseLong(text.strip());
            default -> throw new IllegalArgumentException();
          };
      if (value < minimum || value > maximum) {
        throw new IllegalArgumentException();
      }
      return value;
    }

    @Override
    public String allowed() {
      return "a whole number from " + minimum + " to " + maximum;
    }
  }

  /** True or false. */
  record Switch() implements ValueType {
    @Override
    public Object read(Object raw) {
      return switch (raw) {
        case Boolean value -> value;
        case String text when text.strip().equals("true") -> true;
        case String text when text.strip().equals("false") -> false;
        default -> throw new IllegalArgumentException();
      };
    }

    @Override
    public String allowed() {
      return "true or false";
    }
  }

  /** One of some words. */
  record Choice(List<String> words) implements ValueType {
    Choice(String... words) {
      this(List.of(words));
    }

    @Override
    public Object read(Object raw) {
      if (raw instanceof String text && words.contains(text.strip())) {
        return text.strip();
      }
      throw new IllegalArgumentException();
    }

    @Override
    public String allowed() {
      return words.stream().map(Text::quoted).collect(Collectors.joining(", ", "one of ", ""));
    }

    @Override
    public String toToml(Object value) {
      return Text.quoted(value.toString());
    }
  }

  /** Text of a certain form. */
  record Text(String allowed, Predicate<String> accepts) implements ValueType {
    @Override
    public Object read(Object raw) {
      if (raw instanceof String text && accepts.test(text)) {
        return text;
      }
      throw new IllegalArgumentException();
    }

    @Override
    public String toToml(Object value) {
      return quoted(value.toString());
    }

    static String quoted(String text) {
      return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
  }

  /** Some texts of one form; in the environment and in options, commas stand between them. */
  record Texts(Text element) implements ValueType {
    @Override
    public Object read(Object raw) {
      Stream<?> elements =
          switch (raw) {
            case List<?> list -> list.stream();
            case String text -> Stream.of(text.split(",")).map(String::strip);
            default -> throw new IllegalArgumentException();
          };
      return elements.filter(each -> !"".equals(each)).map(element::read).toList();
    }

    @Override
    public String allowed() {
      return "a list, each of it " + element.allowed();
    }

    @Override
    public String toToml(Object value) {
      return ((List<?>) value)
          .stream().map(element::toToml).collect(Collectors.joining(", ", "[", "]"));
    }
  }
}
