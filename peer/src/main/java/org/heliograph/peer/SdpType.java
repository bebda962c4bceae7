package org.heliograph.peer;

/** The type of a session description (W3C {@code RTCSdpType}). */
public enum SdpType {
  OFFER,
  PRANSWER,
  ANSWER,
  ROLLBACK
}
