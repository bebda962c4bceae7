package org.heliograph.signaling;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import org.heliograph.signaling.EnvelopeException.Code;
import org.heliograph.text.ForeignText;
import org.heliograph.text.Json;

/** Envelopes to JSON and back. Fields that are not known are ignored, as browsers do. */
public final class EnvelopeCodec {
  private EnvelopeCodec() {}

  /**
   * Reads an envelope.
   *
   * @throws EnvelopeException if the text is too long, is not JSON, or lacks something
   */
  public static Envelope parse(String text) throws EnvelopeException {
    if (text.length() > Envelope.SIZE_LIMIT
        || text.getBytes(StandardCharsets.UTF_8).length > Envelope.SIZE_LIMIT) {
      throw new EnvelopeException(
          Code.TOO_LARGE, "The envelope is longer than " + Envelope.SIZE_LIMIT + " bytes.");
    }
    ObjectNode json;
    try {
      json = Json.parseObject(text);
    } catch (JsonProcessingException wrong) {
      throw malformed("it cannot be read: " + Json.explain(wrong));
    }
    return read(json);
  }

  /**
   * Reads an envelope out of JSON.
   *
   * @throws EnvelopeException if it lacks something
   */
  public static Envelope read(ObjectNode json) throws EnvelopeException {
    String channelId = text(json, "channel_id");
    if (!Envelope.isChannelId(channelId)) {
      throw malformed("channel_id must be " + Envelope.CHANNEL_ID_FORM);
    }
    if (!(json.get("payload") instanceof ObjectNode payload)) {
      throw malformed("payload must be an object");
    }
    return new Envelope(channelId, name(json, "from"), name(json, "to"), readPayload(payload));
  }

  private static SignalPayload readPayload(ObjectNode payload) throws EnvelopeException {
    String type = text(payload, "type");
    return switch (type) {
      case "call-request" -> new SignalPayload.CallRequest(media(payload.get("media")));
      case "call-ack" -> new SignalPayload.CallAck();
      case "call-offer" -> new SignalPayload.CallOffer(text(payload, "sdp"));
      case "call-answer" -> new SignalPayload.CallAnswer(text(payload, "sdp"));
      case "ice-candidate" -> new SignalPayload.Candidate(readCandidate(payload.get("candidate")));
      case "call-hangup" -> new SignalPayload.CallHangup(optionalText(payload, "reason"));
      case "call-error" ->
          new SignalPayload.CallError(
              optionalText(payload, "code"), optionalText(payload, "message"));
      default -> throw malformed("payload.type \"" + ForeignText.line(type) + "\" is not known");
    };
  }

  private static CallMedia media(JsonNode media) throws EnvelopeException {
    if (media == null || media.isNull()) {
      return CallMedia.AUDIO_AND_VIDEO;
    }
    if (!media.isObject()) {
      throw malformed("payload.media must be an object with audio and video");
    }
    CallMedia read = new CallMedia(flag(media, "audio"), flag(media, "video"));
    if (!read.audio() && !read.video()) {
      throw malformed("payload.media asks for neither audio nor video");
    }
    return read;
  }

  private static boolean flag(JsonNode media, String name) throws EnvelopeException {
    JsonNode flag = media.path(name);
    if (flag.isMissingNode() || flag.isNull()) {
      return false;
    }
    if (!flag.isBoolean()) {
      throw malformed("payload.media." + name + " must be true or false");
    }
    return flag.booleanValue();
  }

  /**
   * Reads a candidate as browsers write it.
   *
   * @param candidate null or JSON's null for the end of candidates
   */
  public static IceCandidate readCandidate(JsonNode candidate) throws EnvelopeException {
    if (candidate == null || candidate.isNull()) {
      return IceCandidate.END;
    }
    if (!candidate.isObject() || !candidate.path("candidate").isTextual()) {
      throw malformed("payload.candidate must be null or an object with the text candidate");
    }
    JsonNode index = candidate.path("sdpMLineIndex");
    if (!(index.isMissingNode() || index.isNull() || (index.isInt() && index.intValue() >= 0))) {
      throw malformed("payload.candidate.sdpMLineIndex must be a whole number from 0");
    }
    return new IceCandidate(
        candidate.get("candidate").textValue(),
        textOrNull(candidate, "sdpMid"),
        index.isInt() ? index.intValue() : null,
        textOrNull(candidate, "usernameFragment"));
  }

  private static String textOrNull(JsonNode json, String field) throws EnvelopeException {
    JsonNode node = json.path(field);
    if (node.isMissingNode() || node.isNull()) {
      return null;
    }
    if (!node.isTextual()) {
      throw malformed("payload.candidate." + field + " must be a text");
    }
    return node.textValue();
  }

  private static String name(ObjectNode json, String field) throws EnvelopeException {
    String name = text(json, field);
    if (!ForeignText.isName(name)) {
      throw malformed(field + " must be " + ForeignText.NAME_FORM);
    }
    return name;
  }

  private static String text(ObjectNode json, String field) throws EnvelopeException {
    JsonNode node = json.path(field);
    if (!node.isTextual()) {
      throw malformed(field + " must be a text");
    }
    return node.textValue();
  }

  private static String optionalText(ObjectNode json, String field) {
    return ForeignText.line(json.path(field).asText(""));
  }

  private static EnvelopeException malformed(String what) {
    return new EnvelopeException(Code.MALFORMED, "The envelope is malformed: " + what + ".");
  }

  /** An envelope as JSON text. */
  public static String write(Envelope envelope) {
    ObjectNode json = Json.object();
    json.put("channel_id", envelope.channelId());
    json.put("from", envelope.from());
    json.put("to", envelope.to());
    ObjectNode payload = json.putObject("payload");
    switch (envelope.payload()) {
      case SignalPayload.CallRequest(CallMedia media) ->
          payload
              .put("type", "call-request")
              .putObject("media")
              .put("audio", media.audio())
              .put("video", media.video());
      case SignalPayload.CallAck() -> payload.put("type", "call-ack");
      case SignalPayload.CallOffer(String sdp) -> payload.put("type", "call-offer").put("sdp", sdp);
      case SignalPayload.CallAnswer(String sdp) ->
          payload.put("type", "call-answer").put("sdp", sdp);
      case SignalPayload.Candidate(IceCandidate candidate) -> {
        payload.put("type", "ice-candidate");
        writeCandidate(payload, "candidate", candidate);
      }
      case SignalPayload.CallHangup(String reason) ->
          payload.put("type", "call-hangup").put("reason", reason);
      case SignalPayload.CallError(String code, String message) ->
          payload.put("type", "call-error").put("code", code).put("message", message);
    }
    return Json.write(json);
  }

  /** Writes a candidate as browsers do: null for the end of candidates. */
  public static void writeCandidate(ObjectNode json, String field, IceCandidate candidate) {
    if (candidate.candidate().isEmpty()) {
      json.putNull(field);
    } else {
      json.putObject(field)
          .put("candidate", candidate.candidate())
          .put("sdpMid", candidate.sdpMid())
          .put("sdpMLineIndex", candidate.sdpMLineIndex())
          .put("usernameFragment", candidate.usernameFragment());
    }
  }
}
