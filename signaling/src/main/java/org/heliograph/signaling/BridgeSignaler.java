package org.heliograph.signaling;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * The embedding app carries the envelopes: it posts what arrives, and follows a stream of what is
 * to be sent. A carrier that comes back names the last number it had and gets what it missed.
 */
public final class BridgeSignaler implements Signaler {
  private static final int KEPT = 256;

  /** An envelope to be carried, numbered from 1 so that a carrier can go on where it was. */
  public record Outbound(long number, Envelope envelope) {}

  /** Follows what is to be sent; called in order and never blocks. */
  public interface Carrier {
    void carry(Outbound outbound);
  }

  private final Object lock = new Object();
  private final Deque<Outbound> kept = new ArrayDeque<>();
  private final Set<Carrier> carriers = new LinkedHashSet<>();
  private long lastNumber;
  private long lastCarried;
  private volatile Receiver receiver;

  @Override
  public void start(Receiver receiver) {
    this.receiver = receiver;
  }

  @Override
  public void send(Envelope envelope) throws SignalingException {
    synchronized (lock) {
      if (carriers.isEmpty() && lastNumber - lastCarried >= KEPT) {
        throw new SignalingException(
            "The app does not fetch its envelopes from /api/signal/outbound.");
      }
      Outbound outbound = new Outbound(++lastNumber, envelope);
      kept.addLast(outbound);
      if (kept.size() > KEPT) {
        kept.removeFirst();
      }
      for (Carrier carrier : carriers) {
        carrier.carry(outbound);
        lastCarried = outbound.number();
      }
    }
  }

  @Override
  public Optional<String> unavailable() {
    return Optional.empty();
  }

  /**
   * Hands envelopes to a carrier from now on, first those that it missed.
   *
   * @param after the last number that the carrier had; empty for a new one, which gets what nobody
   *     has carried yet
   */
  public void follow(Carrier carrier, OptionalLong after) {
    synchronized (lock) {
      long from = after.orElse(lastCarried);
      List.copyOf(kept).stream()
          .filter(outbound -> outbound.number() > from)
          .forEach(
              outbound -> {
                carrier.carry(outbound);
                lastCarried = Math.max(lastCarried, outbound.number());
              });
      carriers.add(carrier);
    }
  }

  /** Ends what {@link #follow} began. */
  public void leave(Carrier carrier) {
    synchronized (lock) {
      carriers.remove(carrier);
    }
  }

  /** Takes what the app has brought. */
  public CompletableFuture<Void> inbound(Envelope envelope) {
    return receiver.receive(envelope);
  }

  @Override
  public void close() {
    synchronized (lock) {
      carriers.clear();
    }
  }
}
