package org.heliograph.signaling;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Carries envelopes between this agent and its peers. */
public interface Signaler extends AutoCloseable {
  /** Takes what arrives. */
  interface Receiver {
    /**
     * Takes an envelope; from any thread, never blocks. The future fails with {@link
     * EnvelopeException} where the envelope is refused.
     */
    CompletableFuture<Void> receive(Envelope envelope);

    /** An envelope that was sent could not be delivered: nobody has that name now. */
    void undeliverable(String channelId, String to);

    /** The way to the other side is open again, or gone for the time being. */
    void availability(boolean available);
  }

  /** Starts to deliver to the receiver; called once, before anything is sent. */
  void start(Receiver receiver);

  /**
   * Sends an envelope, in order; from any thread, never blocks.
   *
   * @throws SignalingException if too many are waiting already
   */
  void send(Envelope envelope) throws SignalingException;

  /** Why nothing can be sent now, in a sentence; empty where it can. */
  Optional<String> unavailable();

  /** Whether a peer's envelopes come from this machine, so that the peer may be on it. */
  default boolean isOnThisMachine(String peer) {
    return false;
  }

  @Override
  void close();
}
