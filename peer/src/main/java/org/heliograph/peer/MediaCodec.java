package org.heliograph.peer;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.rtp.RtpExtension;
import org.heliograph.peer.sdp.Attribute;
import org.heliograph.peer.sdp.FormatParameters;

/**
 * A codec that can be negotiated (W3C {@code RTCRtpCodec}). Retransmission (RFC 4588) is no codec
 * here: it is negotiated with each codec that has it.
 */
public enum MediaCodec {
  /** VP8 (RFC 7741). */
  VP8(MediaKind.VIDEO, "VP8", Optional.of(MediaFormat.VP8), 90_000, OptionalInt.empty(), ""),
  /** VP9 of profile 0: 8 bits, 4:2:0 (RFC 9628). */
  VP9(
      MediaKind.VIDEO,
      "VP9",
      Optional.of(MediaFormat.VP9),
      90_000,
      OptionalInt.empty(),
      "profile-id=0"),
  /** Opus (RFC 7587). */
  OPUS(
      MediaKind.AUDIO,
      "opus",
      Optional.of(MediaFormat.OPUS),
      48_000,
      OptionalInt.of(2),
      "minptime=10;useinbandfec=1"),
  /** Opus several times over, so that a packet replaces those lost before it (RFC 2198). */
  RED(MediaKind.AUDIO, "red", Optional.empty(), 48_000, OptionalInt.of(2), ""),
  /** What wraps the packets of pictures, and of their forward error correction (RFC 2198). */
  VIDEO_RED(MediaKind.VIDEO, "red", Optional.empty(), 90_000, OptionalInt.empty(), ""),
  /** Forward error correction of pictures (RFC 5109), within {@link #VIDEO_RED}. */
  ULPFEC(MediaKind.VIDEO, "ulpfec", Optional.empty(), 90_000, OptionalInt.empty(), "");

  /** The encoding name of retransmissions (RFC 4588 8.1). */
  static final String RTX = "rtx";

  /** Encoding names of what helps a codec and is none, in lower case. */
  static final Set<String> NO_CODECS =
      Set.of(RTX, "red", "ulpfec", "flexfec-03", "cn", "telephone-event");

  static final String NACK = "nack";
  static final String PICTURE_LOSS_INDICATION = "nack pli";
  static final String FULL_INTRA_REQUEST = "ccm fir";
  static final String RECEIVER_ESTIMATED_MAXIMUM_BITRATE = "goog-remb";
  static final String TRANSPORT_WIDE_FEEDBACK = "transport-cc";

  private static final Set<String> VIDEO_FEEDBACK =
      Set.of(
          NACK,
          PICTURE_LOSS_INDICATION,
          FULL_INTRA_REQUEST,
          RECEIVER_ESTIMATED_MAXIMUM_BITRATE,
          TRANSPORT_WIDE_FEEDBACK);
  private static final Set<String> AUDIO_FEEDBACK = Set.of(TRANSPORT_WIDE_FEEDBACK);

  private static final List<RtpExtension> VIDEO_EXTENSIONS =
      List.of(RtpExtension.ABS_SEND_TIME, RtpExtension.TRANSPORT_SEQUENCE_NUMBER, RtpExtension.MID);
  private static final List<RtpExtension> SIMULCAST_EXTENSIONS =
      List.of(
          RtpExtension.ABS_SEND_TIME,
          RtpExtension.TRANSPORT_SEQUENCE_NUMBER,
          RtpExtension.MID,
          RtpExtension.RTP_STREAM_ID,
          RtpExtension.REPAIRED_RTP_STREAM_ID);
  private static final List<RtpExtension> AUDIO_EXTENSIONS =
      List.of(
          RtpExtension.AUDIO_LEVEL,
          RtpExtension.ABS_SEND_TIME,
          RtpExtension.TRANSPORT_SEQUENCE_NUMBER,
          RtpExtension.MID);

  private final MediaKind kind;
  private final String encoding;
  private final Optional<MediaFormat> format;
  private final int clockRate;
  private final OptionalInt channels;
  private final String parameters;

  MediaCodec(
      MediaKind kind,
      String encoding,
      Optional<MediaFormat> format,
      int clockRate,
      OptionalInt channels,
      String parameters) {
    this.kind = kind;
    this.encoding = encoding;
    this.format = format;
    this.clockRate = clockRate;
    this.channels = channels;
    this.parameters = parameters;
  }

  /** What a transceiver negotiates that was told nothing else, the preferred codec first. */
  public static List<MediaCodec> defaults(MediaKind kind) {
    return switch (kind) {
      case AUDIO -> List.of(RED, OPUS);
      case VIDEO -> List.of(VP8, VP9, VIDEO_RED, ULPFEC);
    };
  }

  /** Every codec of a kind. */
  static List<MediaCodec> all(MediaKind kind) {
    return Arrays.stream(values()).filter(codec -> codec.kind == kind).toList();
  }

  /** What it encodes. */
  public MediaKind kind() {
    return kind;
  }

  /** The media type, such as {@code video/VP8}. */
  public String mimeType() {
    return kind.token() + "/" + encoding;
  }

  /** The name in {@code a=rtpmap}. */
  String encoding() {
    return encoding;
  }

  /** The format of its frames; empty for one that only wraps another codec's. */
  Optional<MediaFormat> format() {
    return format;
  }

  /** The RTP clock in Hz. */
  int clockRate() {
    return clockRate;
  }

  /** The channels in {@code a=rtpmap}, for audio. */
  OptionalInt channels() {
    return channels;
  }

  /** Whether lost packets are sent again on a stream of their own (RFC 4588). */
  boolean retransmitted() {
    return kind == MediaKind.VIDEO && this != ULPFEC;
  }

  /** The RTCP feedback that this side sends and understands. */
  Set<String> feedback() {
    return switch (kind) {
      case AUDIO -> this == RED ? Set.of() : AUDIO_FEEDBACK;
      case VIDEO -> format.isPresent() ? VIDEO_FEEDBACK : Set.of();
    };
  }

  /**
   * The header extensions that this side writes and reads in a section of a kind.
   *
   * @param simulcast whether it sends several streams of the section
   */
  static List<RtpExtension> extensions(MediaKind kind, boolean simulcast) {
    return switch (kind) {
      case AUDIO -> AUDIO_EXTENSIONS;
      case VIDEO -> simulcast ? SIMULCAST_EXTENSIONS : VIDEO_EXTENSIONS;
    };
  }

  /**
   * What this side wants to receive.
   *
   * @param opusPayloadType what redundant audio carries
   */
  FormatParameters parameters(int opusPayloadType) {
    return FormatParameters.parse(
        this == RED ? opusPayloadType + "/" + opusPayloadType : parameters);
  }

  /** Whether a payload type of the other side carries a codec of this name. */
  boolean isNamed(Attribute.RtpMap map) {
    return map.encoding().equalsIgnoreCase(encoding);
  }

  /** Whether a payload type of the other side carries this codec. */
  boolean matches(Attribute.RtpMap map, FormatParameters theirs) {
    return isNamed(map)
        && map.clockRate() == clockRate
        && map.channels().orElse(1) == channels.orElse(1)
        && isOfProfile(theirs);
  }

  /** Whether the parameters that make another codec of the same name are as here (RFC 9628 6). */
  private boolean isOfProfile(FormatParameters theirs) {
    return this != VP9 || theirs.values().getOrDefault("profile-id", "0").equals("0");
  }

  /** The line that gives the codec a payload type. */
  Attribute.RtpMap rtpMap(int payloadType) {
    return new Attribute.RtpMap(payloadType, encoding, clockRate, channels);
  }
}
