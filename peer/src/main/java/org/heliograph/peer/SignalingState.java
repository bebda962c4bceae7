package org.heliograph.peer;

/** Where the offer/answer exchange stands (W3C {@code RTCSignalingState}). */
public enum SignalingState {
  STABLE,
  HAVE_LOCAL_OFFER,
  HAVE_REMOTE_OFFER,
  HAVE_LOCAL_PRANSWER,
  HAVE_REMOTE_PRANSWER,
  CLOSED
}
