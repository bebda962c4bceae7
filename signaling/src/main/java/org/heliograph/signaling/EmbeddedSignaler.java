package org.heliograph.signaling;

import java.util.Optional;
import org.heliograph.signaling.EnvelopeException.Code;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The agent's own seat in its embedded rendezvous. */
public final class EmbeddedSignaler implements Signaler {
  private static final Logger log = LoggerFactory.getLogger(EmbeddedSignaler.class);

  private final Rendezvous rendezvous;
  private final String name;
  private final Refusals refusals = new Refusals();
  private volatile Rendezvous.Participant participant;
  private volatile Receiver receiver;

  public EmbeddedSignaler(Rendezvous rendezvous, String name) {
    this.rendezvous = rendezvous;
    this.name = name;
  }

  @Override
  public void start(Receiver receiver) {
    this.receiver = receiver;
    participant = rendezvous.join(name, new Inlet());
    receiver.availability(true);
  }

  @Override
  public void send(Envelope envelope) {
    try {
      participant.route(envelope);
    } catch (EnvelopeException refused) {
      if (refused.code() == Code.PEER_UNREACHABLE) {
        receiver.undeliverable(envelope.channelId(), envelope.to());
      } else {
        throw new IllegalArgumentException(refused);
      }
    }
  }

  @Override
  public Optional<String> unavailable() {
    return Optional.empty();
  }

  @Override
  public boolean isOnThisMachine(String peer) {
    return rendezvous.isOnThisMachine(peer);
  }

  @Override
  public void close() {
    if (participant != null) {
      participant.leave();
    }
  }

  /** What the rendezvous hands to the agent. */
  private final class Inlet implements Rendezvous.Outlet {
    @Override
    public boolean send(String text) {
      try {
        refusals.deliver(EnvelopeCodec.parse(text), receiver, EmbeddedSignaler.this);
      } catch (EnvelopeException impossible) {
        log.error("The rendezvous handed on a malformed envelope", impossible);
      }
      return true;
    }

    @Override
    public void close(int code, String reason) {
      log.error("The agent has lost its seat in its rendezvous: {}", reason);
    }
  }
}
