package org.heliograph.agent.call;

import org.heliograph.peer.IceCandidateInit;
import org.heliograph.signaling.IceCandidate;

/** Candidates between a connection and what is signalled, which know nothing of each other. */
public final class SignalledCandidates {
  private SignalledCandidates() {}

  /** As it is sent to the other side. */
  public static IceCandidate toSend(IceCandidateInit own) {
    return new IceCandidate(
        own.candidate(), own.sdpMid(), own.sdpMLineIndex(), own.usernameFragment());
  }

  /** As a connection takes it. */
  public static IceCandidateInit toTake(IceCandidate received) {
    return new IceCandidateInit(
        received.candidate(),
        received.sdpMid(),
        received.sdpMLineIndex(),
        received.usernameFragment());
  }
}
