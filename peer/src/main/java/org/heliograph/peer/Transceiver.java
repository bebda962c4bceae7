package org.heliograph.peer;

import java.util.Optional;

/**
 * A sender and a receiver that share one media section (W3C {@code RTCRtpTransceiver}, RFC 8829
 * 3.4.1).
 */
public final class Transceiver {
  private final MediaKind kind;
  private TransceiverDirection direction;

  Transceiver(MediaKind kind, TransceiverDirection direction) {
    this.kind = kind;
    this.direction = direction;
  }

  /** What this transceiver carries. */
  public MediaKind kind() {
    return kind;
  }

  /** The media section's identification, once it has one. */
  public Optional<String> mid() {
    throw new UnsupportedOperationException("not built yet");
  }

  /** The direction that this side wants. */
  public TransceiverDirection direction() {
    return direction;
  }

  /** Sets the direction that this side wants; takes effect with the next offer/answer exchange. */
  public void setDirection(TransceiverDirection direction) {
    this.direction = direction;
  }

  /** The direction that was negotiated, from this side's view; empty before the first exchange. */
  public Optional<TransceiverDirection> currentDirection() {
    throw new UnsupportedOperationException("not built yet");
  }
}
