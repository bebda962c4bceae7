package org.heliograph.peer.sdp;

import java.util.List;
import java.util.Optional;

/**
 * One media section: an {@code m=} line and what follows it (RFC 8866 5.14).
 *
 * @param media {@code audio}, {@code video}, {@code application}, or any other media type
 * @param port the transport port; 0 rejects the section, unless it is {@code bundle-only}; 9 where
 *     ICE decides (RFC 8829 5.2.1)
 * @param protocol such as {@code UDP/TLS/RTP/SAVPF}
 * @param formats for RTP the payload types, in order of preference; none where the line could not
 *     be read, which refuses the section
 * @param attributes the section's {@code a=} lines, in order
 */
public record MediaDescription(
    String media, int port, String protocol, List<String> formats, List<Attribute> attributes) {
  /** The protocol of WebRTC media (RFC 8829 5.1.2). */
  public static final String RTP_OVER_DTLS = "UDP/TLS/RTP/SAVPF";

  /** The protocol of data channels (RFC 8841 4.1). */
  public static final String SCTP_OVER_DTLS = "UDP/DTLS/SCTP";

  /** The media type of a section of data channels (RFC 8841 4.2). */
  public static final String APPLICATION = "application";

  /** The format of a section of data channels (RFC 8841 4.2). */
  public static final String DATA_CHANNEL = "webrtc-datachannel";

  /** The port to write where ICE decides ("discard", RFC 8829 5.2.1). */
  public static final int DISCARD_PORT = 9;

  public MediaDescription {
    formats = List.copyOf(formats);
    attributes = List.copyOf(attributes);
  }

  /** The same with another port and other attributes. */
  public MediaDescription with(int otherPort, List<Attribute> otherAttributes) {
    return new MediaDescription(media, otherPort, protocol, formats, otherAttributes);
  }

  /** The first attribute of a type. */
  public <T extends Attribute> Optional<T> first(Class<T> type) {
    return Attribute.first(attributes, type);
  }

  /** Every attribute of a type, in order. */
  public <T extends Attribute> List<T> all(Class<T> type) {
    return Attribute.all(attributes, type);
  }

  /** Whether the section has an attribute of this type. */
  public boolean has(Class<? extends Attribute> type) {
    return first(type).isPresent();
  }

  /** The section's identification (RFC 5888), where it has one. */
  public Optional<String> mid() {
    return first(Attribute.Mid.class).map(Attribute.Mid::mid);
  }

  /** The direction; {@code sendrecv} where none is written (RFC 8866 6.7). */
  public Direction direction() {
    return first(Attribute.MediaDirection.class)
        .map(Attribute.MediaDirection::direction)
        .orElse(Direction.SENDRECV);
  }

  /**
   * Whether the section is refused: port 0, and not merely bundle-only (RFC 8843 6), or a line that
   * could not be read.
   */
  public boolean isRejected() {
    return !isReadable() || (port == 0 && !has(Attribute.BundleOnly.class));
  }

  /** Whether the {@code m=} line could be read. */
  public boolean isReadable() {
    return !formats.isEmpty();
  }

  /** Whether the section carries data channels over SCTP over DTLS, over UDP or TCP. */
  public boolean isDataOverDtls() {
    return media.equals(APPLICATION)
        && (protocol.equals(SCTP_OVER_DTLS) || protocol.equals("TCP/DTLS/SCTP"))
        && formats.contains(DATA_CHANNEL);
  }

  /** Whether the section carries RTP over DTLS-SRTP, in one of the accepted spellings. */
  public boolean isRtpOverDtls() {
    return protocol.equals(RTP_OVER_DTLS)
        || protocol.equals("TCP/TLS/RTP/SAVPF")
        || protocol.equals("RTP/SAVPF")
        || protocol.equals("UDP/TLS/RTP/SAVP")
        || protocol.equals("RTP/SAVP");
  }
}
