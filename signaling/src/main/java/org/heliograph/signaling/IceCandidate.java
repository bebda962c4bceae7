package org.heliograph.signaling;

import java.util.Objects;

/**
 * A candidate as it is signalled (W3C {@code RTCIceCandidateInit}). An empty {@code candidate} is
 * the end of candidates (RFC 8838 14).
 *
 * @param candidate the candidate-attribute of RFC 8839 5.1; empty at the end of candidates
 * @param sdpMid the media section's identification, or null
 * @param sdpMLineIndex the media section's index from 0, or null
 * @param usernameFragment the ICE user name fragment that the candidate belongs to, or null
 */
public record IceCandidate(
    String candidate, String sdpMid, Integer sdpMLineIndex, String usernameFragment) {
  /** What a connection says when it has told all its candidates. */
  public static final IceCandidate END = new IceCandidate("", null, null, null);

  public IceCandidate {
    Objects.requireNonNull(candidate, "candidate");
  }
}
