package org.heliograph.interop.peer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.heliograph.peer.DataChannel;

/** A message on a data channel. */
sealed interface ChannelMessage {
  /** A string (UTF-8 on the wire). */
  record Text(String text) implements ChannelMessage {}

  /** Bytes, from the buffer's position to its limit; two are equal when their bytes are. */
  record Binary(ByteBuffer bytes) implements ChannelMessage {}

  /** Reads {@code {"text": "..."}} or {@code {"binary": "base64"}}. */
  static ChannelMessage of(JsonNode json) {
    return json.hasNonNull("text")
        ? new Text(json.get("text").asText())
        : new Binary(ByteBuffer.wrap(Base64.getDecoder().decode(json.path("binary").asText())));
  }

  /** Sends it on a channel of this project's. */
  default void sendOn(DataChannel channel) {
    switch (this) {
      case Text(String text) -> channel.send(text);
      case Binary(ByteBuffer bytes) -> channel.send(bytes);
    }
  }

  default ObjectNode toJson() {
    ObjectNode json = RemotePeer.JSON.createObjectNode();
    return switch (this) {
      case Text(String text) -> json.put("text", text);
      case Binary(ByteBuffer bytes) ->
          json.put(
              "binary",
              StandardCharsets.ISO_8859_1
                  .decode(Base64.getEncoder().encode(bytes.duplicate()))
                  .toString());
    };
  }
}
