package org.heliograph.peer;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.heliograph.peer.rtp.RtpExtension;

/**
 * The payload types and header extension identifiers of one connection. In a bundle a number means
 * the same in every section (RFC 8843 10.1.2), so the connection has one numbering: the other
 * side's where it came first, this side's defaults elsewhere. A section that the other side has
 * numbered otherwise keeps its numbers ({@link NegotiatedMedia#offered}), and no other thing gets
 * them.
 */
final class Numbering {
  /** The greatest identifier of a one-byte header extension (RFC 8285 4.2). */
  private static final int MAX_EXTENSION_ID = 14;

  private static final int FIRST_DYNAMIC_PAYLOAD_TYPE = 96;
  private static final int LAST_DYNAMIC_PAYLOAD_TYPE = 127;

  private static final Map<MediaCodec, Integer> PREFERRED_PAYLOAD_TYPES =
      Map.of(
          MediaCodec.VP8,
          96,
          MediaCodec.VP9,
          98,
          MediaCodec.VIDEO_RED,
          100,
          MediaCodec.ULPFEC,
          102,
          MediaCodec.OPUS,
          111,
          MediaCodec.RED,
          112);
  private static final Map<RtpExtension, Integer> PREFERRED_EXTENSION_IDS =
      Map.of(
          RtpExtension.AUDIO_LEVEL,
          1,
          RtpExtension.ABS_SEND_TIME,
          2,
          RtpExtension.TRANSPORT_SEQUENCE_NUMBER,
          3,
          RtpExtension.MID,
          4,
          RtpExtension.RTP_STREAM_ID,
          5,
          RtpExtension.REPAIRED_RTP_STREAM_ID,
          6);

  private final Map<Payload, Integer> payloadTypes = new HashMap<>();
  private final Map<RtpExtension, Integer> extensionIds = new EnumMap<>(RtpExtension.class);
  private final Set<Integer> takenPayloadTypes = new HashSet<>();
  private final Set<Integer> takenExtensionIds = new HashSet<>();

  /** What a payload type stands for: a codec, or its retransmissions. */
  private record Payload(MediaCodec codec, boolean retransmission) {}

  /** Takes over the numbers that the other side gave. */
  void adopt(NegotiatedMedia media) {
    for (NegotiatedFormat format : media.formats()) {
      payloadTypes.putIfAbsent(new Payload(format.codec(), false), format.payloadType());
      takenPayloadTypes.add(format.payloadType());
      format
          .rtxPayloadType()
          .ifPresent(
              rtx -> {
                payloadTypes.putIfAbsent(new Payload(format.codec(), true), rtx);
                takenPayloadTypes.add(rtx);
              });
    }
    media
        .extensions()
        .forEach(
            (extension, id) -> {
              if (takenExtensionIds.add(id)) {
                extensionIds.putIfAbsent(extension, id);
              }
            });
  }

  /** The payload type of a codec; the same each time. */
  int payloadType(MediaCodec codec) {
    return payloadType(new Payload(codec, false), PREFERRED_PAYLOAD_TYPES.get(codec));
  }

  /** The payload type of a codec's retransmissions; the same each time. */
  int rtxPayloadType(MediaCodec codec) {
    return payloadType(new Payload(codec, true), PREFERRED_PAYLOAD_TYPES.get(codec) + 1);
  }

  private int payloadType(Payload payload, int preferred) {
    return payloadTypes.computeIfAbsent(
        payload,
        _ ->
            free(
                takenPayloadTypes,
                preferred,
                FIRST_DYNAMIC_PAYLOAD_TYPE,
                LAST_DYNAMIC_PAYLOAD_TYPE));
  }

  /** The identifier of a header extension; the same each time. */
  int extensionId(RtpExtension extension) {
    return extensionIds.computeIfAbsent(
        extension,
        name -> free(takenExtensionIds, PREFERRED_EXTENSION_IDS.get(name), 1, MAX_EXTENSION_ID));
  }

  /** Whether a header extension with this identifier can be written in the one-byte form. */
  static boolean isExtensionId(int id) {
    return id >= 1 && id <= MAX_EXTENSION_ID;
  }

  private static int free(Set<Integer> taken, int preferred, int first, int last) {
    if (taken.add(preferred)) {
      return preferred;
    }
    for (int number = first; number <= last; number++) {
      if (taken.add(number)) {
        return number;
      }
    }
    throw new IllegalStateException("no number is free from " + first + " to " + last);
  }
}
