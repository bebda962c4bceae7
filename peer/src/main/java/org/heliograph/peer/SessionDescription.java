package org.heliograph.peer;

import java.util.Objects;

/**
 * A session description (W3C {@code RTCSessionDescription}).
 *
 * @param type what the description is in the offer/answer exchange of RFC 8829
 * @param sdp the description itself (RFC 8866); empty for {@link SdpType#ROLLBACK}
 */
public record SessionDescription(SdpType type, String sdp) {
  public SessionDescription {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(sdp, "sdp");
  }

  /** Names the type only: the description has the ICE password in it, which stays out of logs. */
  @Override
  public String toString() {
    return "SessionDescription[" + type + "]";
  }
}
