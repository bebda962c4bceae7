package org.heliograph.relay;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import org.heliograph.peer.MediaKind;
import org.heliograph.webm.VideoTrack;

/** The text messages from the agent to the page (docs/media-protocol.md). */
final class RelayMessage {
  static final int VIDEO_ID = 1;
  static final int AUDIO_ID = 2;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int SAMPLE_RATE = 48_000;
  private static final int CHANNELS = 2;

  private RelayMessage() {}

  static String init(String mime) {
    return text(message("init").put("mime", mime));
  }

  static String state(String state) {
    return text(message("state").put("state", state));
  }

  static String ended(String reason) {
    return text(message("ended").put("reason", reason));
  }

  /**
   * @param sound the codec of the sound as the WebCodecs registry names it; empty without sound
   */
  static String tracks(Optional<VideoTrack> video, Optional<String> sound) {
    ObjectNode message = message("tracks");
    var tracks = message.putArray("tracks");
    video.ifPresent(
        track ->
            tracks
                .addObject()
                .put("id", VIDEO_ID)
                .put("kind", "video")
                .put("codec", track.codecString())
                .put("width", track.width())
                .put("height", track.height()));
    sound.ifPresent(
        codec ->
            tracks
                .addObject()
                .put("id", AUDIO_ID)
                .put("kind", "audio")
                .put("codec", codec)
                .put("sampleRate", SAMPLE_RATE)
                .put("numberOfChannels", CHANNELS));
    return text(message);
  }

  static int trackId(MediaKind kind) {
    return switch (kind) {
      case VIDEO -> VIDEO_ID;
      case AUDIO -> AUDIO_ID;
    };
  }

  private static ObjectNode message(String type) {
    return JSON.createObjectNode().put("type", type);
  }

  private static String text(ObjectNode message) {
    try {
      return JSON.writeValueAsString(message);
    } catch (JsonProcessingException e) {
      throw new AssertionError("a tree of strings and numbers is always written", e);
    }
  }
}
