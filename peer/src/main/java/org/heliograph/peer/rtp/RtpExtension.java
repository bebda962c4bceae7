package org.heliograph.peer.rtp;

import java.util.Optional;

/** The RTP header extensions that this peer knows, by the URI of their {@code a=extmap}. */
public enum RtpExtension {
  /** The media section's identification (RFC 9143 15). */
  MID("urn:ietf:params:rtp-hdrext:sdes:mid"),
  /** The stream within a media section (RFC 8852 3.1). */
  RTP_STREAM_ID("urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"),
  /** The stream that a retransmission repairs (RFC 8852 3.2). */
  REPAIRED_RTP_STREAM_ID("urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"),
  /** When the packet left the sender, in 2^-18 seconds modulo 64 seconds. */
  ABS_SEND_TIME("http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"),
  /** The packet's number among all of its transport (draft-holmer-rmcat-transport-wide-cc-01). */
  TRANSPORT_SEQUENCE_NUMBER(
      "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"),
  /** How loud the packet's audio is (RFC 6464). */
  AUDIO_LEVEL("urn:ietf:params:rtp-hdrext:ssrc-audio-level");

  private final String uri;

  RtpExtension(String uri) {
    this.uri = uri;
  }

  /** The URI that names the extension in SDP. */
  public String uri() {
    return uri;
  }

  /** The extension with that URI, if this peer knows it. */
  public static Optional<RtpExtension> ofUri(String uri) {
    for (RtpExtension extension : values()) {
      if (extension.uri.equals(uri)) {
        return Optional.of(extension);
      }
    }
    return Optional.empty();
  }
}
