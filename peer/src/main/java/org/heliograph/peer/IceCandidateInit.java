package org.heliograph.peer;

import java.util.Objects;

/**
 * A candidate as it is signalled (W3C {@code RTCIceCandidateInit}). An empty {@code candidate} is
 * the end of candidates (RFC 8838 14).
 *
 * @param candidate the candidate-attribute of RFC 8839 5.1, with or without {@code a=}; empty at
 *     the end of candidates
 * @param sdpMid the media section's identification, or null
 * @param sdpMLineIndex the media section's index from 0, or null
 * @param usernameFragment the ICE user name fragment that the candidate belongs to, or null; an
 *     empty one, which no agent has (RFC 8839 5.4) and some signalling writes for none, becomes
 *     null
 */
public record IceCandidateInit(
    String candidate, String sdpMid, Integer sdpMLineIndex, String usernameFragment) {
  public IceCandidateInit {
    Objects.requireNonNull(candidate, "candidate");
    if (usernameFragment != null && usernameFragment.isEmpty()) {
      usernameFragment = null;
    }
  }
}
