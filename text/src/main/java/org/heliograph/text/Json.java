package org.heliograph.text;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.Serial;

/** JSON, read strictly and within bounds; what is not known is not written. */
public final class Json {
  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(16)
                          .maxNumberLength(64)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .defaultPropertyInclusion(
              JsonInclude.Value.construct(
                  JsonInclude.Include.NON_NULL, JsonInclude.Include.USE_DEFAULTS))
          .build();

  /** Of a text that is shown, in UTF-16 code units. */
  private static final int SHOWN_LIMIT = 1024;

  private Json() {}

  /** An empty object. */
  public static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  /**
   * The one object that a text is.
   *
   * @throws JsonProcessingException if the text is anything else; the message says what and where
   */
  public static ObjectNode parseObject(String text) throws JsonProcessingException {
    JsonNode node = MAPPER.readTree(text);
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw new NotAnObjectException();
  }

  /** A value as JSON text. */
  public static String write(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException unwritable) {
      throw new IllegalArgumentException(unwritable);
    }
  }

  /** A value as a tree. */
  public static JsonNode tree(Object value) {
    return MAPPER.valueToTree(value);
  }

  /** A value as a tree whose texts, some of them written by others, are fit to be shown. */
  public static JsonNode shownTree(Object value) {
    return shown(tree(value));
  }

  private static JsonNode shown(JsonNode node) {
    switch (node) {
      case ObjectNode object ->
          object.properties().forEach(each -> each.setValue(shown(each.getValue())));
      case ArrayNode array -> {
        for (int i = 0; i < array.size(); i++) {
          array.set(i, shown(array.get(i)));
        }
      }
      case TextNode text -> {
        return TextNode.valueOf(ForeignText.line(text.textValue(), SHOWN_LIMIT));
      }
      default -> {
        // Numbers and the like.
      }
    }
    return node;
  }

  /** What went wrong, in one line; of the text that was read a token at most. */
  public static String explain(JsonProcessingException wrong) {
    String place =
        wrong.getLocation() == null
            ? ""
            : " (line %d, column %d)"
                .formatted(wrong.getLocation().getLineNr(), wrong.getLocation().getColumnNr());
    return ForeignText.line(wrong.getOriginalMessage().lines().findFirst().orElse("not JSON"))
        + place;
  }

  private static final class NotAnObjectException extends JsonProcessingException {
    @Serial private static final long serialVersionUID = 1L;

    NotAnObjectException() {
      super("it is not a JSON object");
    }
  }
}
