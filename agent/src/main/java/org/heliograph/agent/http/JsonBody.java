package org.heliograph.agent.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.heliograph.record.RecordingDirectory;
import org.heliograph.signaling.CallMedia;
import org.heliograph.signaling.Envelope;
import org.heliograph.text.ForeignText;
import org.heliograph.text.Json;

/** A request's JSON object, and its fields by name and type. What is wrong names the field. */
final class JsonBody {
  private static final int SIZE_LIMIT = 64 * 1024;

  private final ObjectNode json;

  private JsonBody(ObjectNode json) {
    this.json = json;
  }

  /**
   * Reads a request's body.
   *
   * @param fields every field that there may be; a further one is most likely a mistake
   */
  static JsonBody read(Context context, Set<String> fields) {
    JsonBody body = new JsonBody(readObject(context));
    for (Iterator<String> names = body.json.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!fields.contains(name)) {
        throw new ProblemException(
            Problem.ofField(
                "unknown_field", name, "The field \"" + name + "\" is not known here."));
      }
    }
    return body;
  }

  /** Reads a request's body, whatever its fields. */
  static ObjectNode readObject(Context context) {
    String contentType = context.contentType();
    if (!isJson(contentType)) {
      throw new ProblemException(
          Problem.of(
              HttpStatus.UNSUPPORTED_MEDIA_TYPE,
              "not_json",
              contentType == null
                  ? "The request does not say what its body is."
                  : "The body is " + contentType + ".",
              "Send it as Content-Type: application/json."));
    }
    try {
      return Json.parseObject(text(bytes(context)));
    } catch (JsonProcessingException wrong) {
      throw new ProblemException(
          Problem.of(
              HttpStatus.BAD_REQUEST,
              "malformed_json",
              "The body cannot be read: " + Json.explain(wrong) + ".",
              "Send one JSON object."));
    } catch (IOException wrong) {
      throw new ProblemException(
          Problem.of(HttpStatus.BAD_REQUEST, "malformed_json", "The body is not UTF-8 text.", ""));
    }
  }

  private static boolean isJson(String contentType) {
    return contentType != null
        && contentType.split(";", 2)[0].strip().equalsIgnoreCase("application/json");
  }

  private static byte[] bytes(Context context) throws IOException {
    byte[] body = context.bodyInputStream().readNBytes(SIZE_LIMIT + 1);
    if (body.length > SIZE_LIMIT) {
      throw new ProblemException(
          Problem.of(
              HttpStatus.CONTENT_TOO_LARGE,
              "body_too_large",
              "The body is longer than " + SIZE_LIMIT + " bytes.",
              ""));
    }
    return body;
  }

  private static String text(byte[] body) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
  }

  /** The field {@code channel_id}. */
  String channelId() {
    String channelId = text("channel_id");
    if (!Envelope.isChannelId(channelId)) {
      throw wrong("channel_id", Envelope.CHANNEL_ID_FORM);
    }
    return channelId;
  }

  /** The field {@code remote_peer}. */
  String remotePeer() {
    String peer = text("remote_peer");
    if (!ForeignText.isName(peer)) {
      throw wrong("remote_peer", ForeignText.NAME_FORM);
    }
    return peer;
  }

  /** A field of any type; null where it is missing. */
  JsonNode field(String field) {
    return json.get(field);
  }

  /** The field {@code file_name}, of a recording. */
  Optional<String> optionalFileName() {
    Optional<String> name = optionalText("file_name");
    if (name.isPresent() && !RecordingDirectory.isFileName(name.get())) {
      throw wrong("file_name", RecordingDirectory.FILE_NAME_FORM);
    }
    if (name.isPresent() && !RecordingDirectory.isEncodable(name.get())) {
      throw new ProblemException(
          Problem.ofField(
              "wrong_field",
              "file_name",
              "The field \"file_name\" has letters that file names have in a locale of UTF-8 only;"
                  + " start the agent by its launcher, or with LC_ALL=C.UTF-8."));
    }
    return name;
  }

  /** A field that is a text. */
  String text(String field) {
    return optionalText(field)
        .orElseThrow(
            () ->
                new ProblemException(
                    Problem.ofField(
                        "missing_field", field, "The field \"" + field + "\" is missing.")));
  }

  /**
   * What a text of a field means.
   *
   * @param parser throws {@link IllegalArgumentException}, in words, where it means nothing
   */
  <T> T parsed(String field, String text, Function<String, T> parser) {
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException wrong) {
      throw new ProblemException(
          Problem.ofField(
              "wrong_field",
              field,
              "The field \"" + field + "\" cannot be used: " + wrong.getMessage() + "."));
    }
  }

  Optional<String> optionalText(String field) {
    return present(json, field)
        .map(
            node -> {
              if (!node.isTextual()) {
                throw wrong(field, "a text");
              }
              return node.textValue();
            });
  }

  Optional<Boolean> optionalFlag(String field) {
    return flag(json, field, field);
  }

  /** A field with kinds of media: one that is not named is off. */
  Optional<CallMedia> optionalMedia(String field) {
    return present(json, field)
        .map(
            node -> {
              if (!(node instanceof ObjectNode media)) {
                throw wrong(field, "an object with audio and video");
              }
              for (Iterator<String> names = media.fieldNames(); names.hasNext(); ) {
                String name = names.next();
                if (!Set.of("audio", "video").contains(name)) {
                  throw new ProblemException(
                      Problem.ofField(
                          "unknown_field",
                          field + "." + name,
                          "The field \"" + field + "." + name + "\" is not known here."));
                }
              }
              return new CallMedia(
                  flag(media, "audio", field + ".audio").orElse(false),
                  flag(media, "video", field + ".video").orElse(false));
            });
  }

  private static Optional<Boolean> flag(ObjectNode json, String field, String shown) {
    return present(json, field)
        .map(
            node -> {
              if (!node.isBoolean()) {
                throw wrong(shown, "true or false");
              }
              return node.booleanValue();
            });
  }

  private static Optional<JsonNode> present(ObjectNode json, String field) {
    return Optional.ofNullable(json.get(field)).filter(node -> !node.isNull());
  }

  private static ProblemException wrong(String field, String allowed) {
    return new ProblemException(
        Problem.ofField(
            "wrong_field", field, "The field \"" + field + "\" must be " + allowed + "."));
  }
}
