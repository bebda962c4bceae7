package org.heliograph.signaling;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.heliograph.signaling.EnvelopeException.Code;
import org.heliograph.text.Json;
import org.heliograph.text.RepeatedLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where an agent and its guests find each other: takes an envelope from one name and hands it to
 * another. Guests reach the agent only, unless they are let to reach each other; of every other
 * name they hear the same, whether somebody has it or not. It keeps nothing, and knows nothing of
 * sockets.
 */
public final class Rendezvous {
  /** Closes a connection because a newer one has taken its name. */
  public static final int CLOSE_REPLACED = 4409;

  /** Closes a connection that is not wanted any more: policy violation (RFC 6455 7.4.1). */
  public static final int CLOSE_UNWANTED = 1008;

  /** Closes a connection that does not take what is sent to it: try again later. */
  private static final int CLOSE_SLOW = 1013;

  private static final Logger log = LoggerFactory.getLogger(Rendezvous.class);
  private static final int ENVELOPES_PER_SECOND = 50;
  private static final int ENVELOPE_BURST = 300;

  /** A connection ends with that many refused envelopes. */
  static final int REFUSALS = 1000;

  /** A connection's way out; called from any thread, never blocks. */
  public interface Outlet {
    /** Hands a text on; false if too much is waiting already. */
    boolean send(String text);

    /** Ends the connection (codes of RFC 6455 7.4). */
    void close(int code, String reason);
  }

  /** A name's one connection. */
  public final class Participant {
    private final String name;
    private final Outlet outlet;
    private final boolean onThisMachine;
    private final RateLimit limit = new RateLimit(ENVELOPES_PER_SECOND, ENVELOPE_BURST);
    private final AtomicInteger refusals = new AtomicInteger();
    private volatile boolean ended;

    private Participant(String name, Outlet outlet, boolean onThisMachine) {
      this.name = name;
      this.outlet = outlet;
      this.onThisMachine = onThisMachine;
    }

    public String name() {
      return name;
    }

    /** Routes what the connection sent; whatever is wrong with it, the connection hears. */
    public void sent(String text) {
      if (ended) {
        return; // What a client sends that does not hear that it is over.
      }
      try {
        if (!limit.tryTake()) {
          throw new EnvelopeException(Code.TOO_MANY, "There are too many envelopes a second.");
        }
        Envelope envelope = EnvelopeCodec.parse(text);
        try {
          route(envelope);
        } catch (EnvelopeException refused) {
          refuse(refused, envelope);
        }
      } catch (EnvelopeException refused) {
        refuse(refused, null);
      }
    }

    /** Routes an envelope to its receiver's connection. */
    void route(Envelope envelope) throws EnvelopeException {
      if (!envelope.from().equals(name)) {
        throw new EnvelopeException(
            Code.WRONG_SENDER, "The envelope's from is not this connection's name.");
      }
      Participant receiver = mayReach(envelope.to()) ? participants.get(envelope.to()) : null;
      if (receiver == null) {
        throw new EnvelopeException(
            Code.PEER_UNREACHABLE,
            "Nobody can be reached here under the name \"" + envelope.to() + "\".");
      }
      if (!receiver.outlet.send(EnvelopeCodec.write(envelope))) {
        receiver.end(CLOSE_SLOW, "too slow");
        throw new EnvelopeException(
            Code.PEER_UNREACHABLE, "\"" + envelope.to() + "\" does not take its envelopes.");
      }
    }

    private boolean mayReach(String to) {
      return name.equals(ownName) || to.equals(ownName) || guestsMeet.getAsBoolean();
    }

    private void refuse(EnvelopeException refused, Envelope envelope) {
      warnings.warn(
          name,
          refused.code().name(),
          "Refused an envelope from " + name + ": " + refused.getMessage());
      if (refusals.incrementAndGet() >= REFUSALS) {
        warnings.warn(name, "cut off", name + " is cut off: " + REFUSALS + " envelopes refused");
        end(CLOSE_UNWANTED, "too many of its envelopes were refused");
        return;
      }
      ObjectNode error = Json.object();
      error.put("type", "error");
      error.put("code", refused.code().name().toLowerCase(Locale.ROOT));
      error.put("message", refused.getMessage());
      if (envelope != null) {
        error.put("channel_id", envelope.channelId());
        error.put("to", envelope.to());
      }
      if (!outlet.send(Json.write(error))) {
        end(CLOSE_SLOW, "too slow");
      }
    }

    /** Ends the connection (codes of RFC 6455 7.4); what it still sends is not heard. */
    public void end(int code, String reason) {
      leave();
      outlet.close(code, reason);
    }

    /** The connection is gone; its name is free unless a newer one has it. */
    public void leave() {
      ended = true;
      if (participants.remove(name, this)) {
        warnings.info(name, "left", name + " has left the rendezvous");
      }
    }
  }

  private final String ownName;
  private final BooleanSupplier guestsMeet;
  private final RepeatedLog warnings = new RepeatedLog(log);

  private final Map<String, Participant> participants = new ConcurrentHashMap<>();
  private final Object arrivals = new Object();

  /**
   * @param ownName the agent's own name, which everybody reaches
   * @param guestsMeet whether the others reach each other; asked for each envelope
   */
  public Rendezvous(String ownName, BooleanSupplier guestsMeet) {
    this.ownName = ownName;
    this.guestsMeet = guestsMeet;
  }

  /**
   * Takes a connection in. A name is held by one connection at a time; the newest has it, because
   * after a reload or a change of the network the older one is the dead one, and whoever comes with
   * the name's token is the same person.
   */
  public Participant join(String name, Outlet outlet) {
    return join(name, outlet, false);
  }

  /**
   * The same.
   *
   * @param onThisMachine whether the connection comes from a program on this machine
   */
  public Participant join(String name, Outlet outlet, boolean onThisMachine) {
    Participant joined = new Participant(name, outlet, onThisMachine);
    Participant replaced;
    synchronized (arrivals) {
      replaced = participants.put(name, joined);
      arrivals.notifyAll();
    }
    if (replaced != null) {
      replaced.end(CLOSE_REPLACED, "a newer connection has this name");
    }
    warnings.info(name, "joined", name + " has joined the rendezvous");
    return joined;
  }

  /** Whether who has a name is connected from this machine; not if nobody has it. */
  public boolean isOnThisMachine(String name) {
    Participant participant = participants.get(name);
    return participant != null && participant.onThisMachine;
  }

  /** Ends the connections of names that are not wanted any more. */
  public void keepOnly(Predicate<String> wanted) {
    for (Participant participant : participants.values()) {
      if (!wanted.test(participant.name)) {
        log.info("The invitation of {} is withdrawn; its connection ends", participant.name);
        participant.end(CLOSE_UNWANTED, "the invitation is withdrawn");
      }
    }
  }

  /** Waits until a name is here; whether it came in time. */
  public boolean awaitName(String name, Duration patience) throws InterruptedException {
    long until = System.nanoTime() + patience.toNanos();
    synchronized (arrivals) {
      while (!participants.containsKey(name)) {
        long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
        if (left <= 0) {
          return false;
        }
        arrivals.wait(left);
      }
      return true;
    }
  }

  /** The names that are here now. */
  public Set<String> names() {
    return new TreeSet<>(participants.keySet());
  }
}
