package org.heliograph.peer.stream;

import java.util.Objects;
import org.heliograph.peer.media.MediaFormat;

/**
 * One of the payload formats that were negotiated for a media section.
 *
 * @param format the format
 * @param payloadType its payload type
 * @param rtxPayloadType the payload type of its retransmissions (RFC 4588), or {@link #NONE}
 * @param nack whether lost packets are asked for again ({@code a=rtcp-fb nack}); of what is sent,
 *     packets are remembered only then
 * @param pli whether key frames are asked for ({@code a=rtcp-fb nack pli})
 */
public record PayloadFormat(
    MediaFormat format, int payloadType, int rtxPayloadType, boolean nack, boolean pli) {
  /** Stands for a payload type that there is not. */
  public static final int NONE = -1;

  public PayloadFormat {
    Objects.requireNonNull(format, "format");
  }
}
