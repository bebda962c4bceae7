package org.heliograph.signaling;

/** What an envelope carries: the messages that a browser peer uses, unchanged. */
public sealed interface SignalPayload {
  /** The caller wants a call. */
  record CallRequest(CallMedia media) implements SignalPayload {}

  /** The callee has accepted; the caller may make its offer. */
  record CallAck() implements SignalPayload {}

  /** A session description to be answered; later in the call either side may send one. */
  record CallOffer(String sdp) implements SignalPayload {}

  /** The answer to the last offer. */
  record CallAnswer(String sdp) implements SignalPayload {}

  /** A candidate; one with an empty {@code candidate} is the last. */
  record Candidate(IceCandidate candidate) implements SignalPayload {}

  /** The sender has ended the call. */
  record CallHangup(String reason) implements SignalPayload {}

  /** The sender has refused an envelope; the call goes on. Never answered. */
  record CallError(String code, String message) implements SignalPayload {}
}
