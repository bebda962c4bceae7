package org.heliograph.relay;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Optional;

/** The text messages from the page to the agent (docs/media-protocol.md). */
public sealed interface PageMessage {
  /** The longest message that is accepted, in characters. */
  int MAX_LENGTH = 4096;

  /** The decoder cannot go on. */
  record KeyFrame() implements PageMessage {}

  /** Send nothing. */
  record Pause() implements PageMessage {}

  /** Send again. */
  record Resume() implements PageMessage {}

  /** How the player does. */
  record Feedback(SubscriberStats.Feedback figures) implements PageMessage {}

  /**
   * Reads a message.
   *
   * @return empty for a type that is not known, which is ignored
   * @throws IllegalArgumentException if it is no message, or a field is missing or of a wrong type;
   *     the exception says which
   */
  static Optional<PageMessage> parse(String text) {
    JsonNode message = Json.read(text);
    JsonNode type = message.path("type");
    if (!type.isTextual()) {
      throw new IllegalArgumentException("the message has no type");
    }
    return switch (type.textValue()) {
      case "keyframe" -> Optional.of(new KeyFrame());
      case "pause" -> Optional.of(new Pause());
      case "resume" -> Optional.of(new Resume());
      case "feedback" ->
          Optional.of(
              new Feedback(
                  new SubscriberStats.Feedback(
                      Json.seconds(message, "buffered"),
                      Json.count(message, "shown"),
                      Json.count(message, "dropped"),
                      Json.seconds(message, "clock"))));
      default -> Optional.empty();
    };
  }

  /** Reads JSON and its fields. */
  final class Json {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Json() {}

    private static JsonNode read(String text) {
      if (text.length() > MAX_LENGTH) {
        throw new IllegalArgumentException("the message is longer than " + MAX_LENGTH);
      }
      try {
        return MAPPER.readTree(text);
      } catch (JsonProcessingException e) {
        throw new IllegalArgumentException("the message is no JSON", e);
      }
    }

    private static double seconds(JsonNode message, String field) {
      JsonNode value = message.path(field);
      if (!value.isNumber() || !Double.isFinite(value.doubleValue()) || value.doubleValue() < 0) {
        throw new IllegalArgumentException("the field " + field + " is no number of seconds");
      }
      return value.doubleValue();
    }

    private static long count(JsonNode message, String field) {
      JsonNode value = message.path(field);
      if (!value.canConvertToExactIntegral()
          || !value.canConvertToLong()
          || value.longValue() < 0) {
        throw new IllegalArgumentException("the field " + field + " is no count");
      }
      return value.longValue();
    }
  }
}
