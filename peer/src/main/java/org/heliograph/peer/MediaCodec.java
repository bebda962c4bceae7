package org.heliograph.peer;

import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.heliograph.peer.rtp.RtpExtension;
import org.heliograph.peer.sdp.Attribute;
import org.heliograph.peer.sdp.FormatParameters;
import org.heliograph.peer.stream.MediaFormat;

/**
 * The codec that this side has for a kind of media, and what goes with it.
 *
 * @param encoding the name in {@code a=rtpmap}
 * @param format the payload format
 * @param channels the channels in {@code a=rtpmap}, for audio
 * @param retransmitted whether lost packets are sent again on a stream of their own (RFC 4588)
 * @param parameters what this side wants to receive
 * @param feedback the RTCP feedback that this side sends and understands
 * @param extensions the header extensions that this side writes and reads
 */
record MediaCodec(
    String encoding,
    MediaFormat format,
    OptionalInt channels,
    boolean retransmitted,
    FormatParameters parameters,
    Set<String> feedback,
    List<RtpExtension> extensions) {
  /** The encoding name of retransmissions (RFC 4588 8.1). */
  static final String RTX = "rtx";

  static final String NACK = "nack";
  static final String PICTURE_LOSS_INDICATION = "nack pli";
  static final String FULL_INTRA_REQUEST = "ccm fir";
  static final String RECEIVER_ESTIMATED_MAXIMUM_BITRATE = "goog-remb";
  static final String TRANSPORT_WIDE_FEEDBACK = "transport-cc";

  private static final MediaCodec VP8 =
      new MediaCodec(
          "VP8",
          MediaFormat.VP8,
          OptionalInt.empty(),
          true,
          FormatParameters.NONE,
          Set.of(
              NACK,
              PICTURE_LOSS_INDICATION,
              FULL_INTRA_REQUEST,
              RECEIVER_ESTIMATED_MAXIMUM_BITRATE,
              TRANSPORT_WIDE_FEEDBACK),
          List.of(
              RtpExtension.ABS_SEND_TIME,
              RtpExtension.TRANSPORT_SEQUENCE_NUMBER,
              RtpExtension.MID));

  private static final MediaCodec OPUS =
      new MediaCodec(
          "opus",
          MediaFormat.OPUS,
          OptionalInt.of(2),
          false,
          FormatParameters.parse("minptime=10;useinbandfec=1"),
          Set.of(TRANSPORT_WIDE_FEEDBACK),
          List.of(
              RtpExtension.AUDIO_LEVEL,
              RtpExtension.ABS_SEND_TIME,
              RtpExtension.TRANSPORT_SEQUENCE_NUMBER,
              RtpExtension.MID));

  /** The codec for a kind. */
  static MediaCodec of(MediaKind kind) {
    return switch (kind) {
      case AUDIO -> OPUS;
      case VIDEO -> VP8;
    };
  }

  /** The RTP clock in Hz. */
  int clockRate() {
    return format.clockRate();
  }

  /** Whether a payload type carries this codec. */
  boolean matches(Attribute.RtpMap map) {
    return map.encoding().equalsIgnoreCase(encoding)
        && map.clockRate() == clockRate()
        && map.channels().orElse(1) == channels.orElse(1);
  }

  /** The line that gives the codec a payload type. */
  Attribute.RtpMap rtpMap(int payloadType) {
    return new Attribute.RtpMap(payloadType, encoding, clockRate(), channels);
  }
}
