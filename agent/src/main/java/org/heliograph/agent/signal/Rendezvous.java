package org.heliograph.agent.signal;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.heliograph.agent.signal.EnvelopeException.Code;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where peers find each other: takes an envelope from one name and hands it to another. It keeps
 * nothing, and knows nothing of sockets.
 */
public final class Rendezvous {
  /** Closes a connection because a newer one has taken its name. */
  public static final int CLOSE_REPLACED = 4409;

  private static final Logger log = LoggerFactory.getLogger(Rendezvous.class);
  private static final int ENVELOPES_PER_SECOND = 50;
  private static final int ENVELOPE_BURST = 300;

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
    private final RateLimit limit = new RateLimit(ENVELOPES_PER_SECOND, ENVELOPE_BURST);

    private Participant(String name, Outlet outlet) {
      this.name = name;
      this.outlet = outlet;
    }

    public String name() {
      return name;
    }

    /** Routes what the connection sent; whatever is wrong with it, the connection hears. */
    public void sent(String text) {
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
      Participant receiver = participants.get(envelope.to());
      if (receiver == null) {
        throw new EnvelopeException(
            Code.PEER_UNREACHABLE, "Nobody is here under the name \"" + envelope.to() + "\".");
      }
      if (!receiver.outlet.send(EnvelopeCodec.write(envelope))) {
        receiver.outlet.close(1013, "too slow");
        throw new EnvelopeException(
            Code.PEER_UNREACHABLE, "\"" + envelope.to() + "\" does not take its envelopes.");
      }
    }

    private void refuse(EnvelopeException refused, Envelope envelope) {
      log.warn("Refused an envelope from {}: {}", name, refused.getMessage());
      ObjectNode error = Json.object();
      error.put("type", "error");
      error.put("code", refused.code().name().toLowerCase(Locale.ROOT));
      error.put("message", refused.getMessage());
      if (envelope != null) {
        error.put("channel_id", envelope.channelId());
        error.put("to", envelope.to());
      }
      if (!outlet.send(Json.write(error))) {
        outlet.close(1013, "too slow");
      }
    }

    /** The connection is gone; its name is free unless a newer one has it. */
    public void leave() {
      if (participants.remove(name, this)) {
        log.info("{} has left the rendezvous", name);
      }
    }
  }

  private final Map<String, Participant> participants = new ConcurrentHashMap<>();
  private final Object arrivals = new Object();

  /**
   * Takes a connection in. A name is held by one connection at a time; the newest has it, because
   * after a reload or a change of the network the older one is the dead one, and whoever comes with
   * the name's token is the same person.
   */
  public Participant join(String name, Outlet outlet) {
    Participant joined = new Participant(name, outlet);
    Participant replaced;
    synchronized (arrivals) {
      replaced = participants.put(name, joined);
      arrivals.notifyAll();
    }
    if (replaced != null) {
      replaced.outlet.close(CLOSE_REPLACED, "a newer connection has this name");
    }
    log.info("{} has joined the rendezvous", name);
    return joined;
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
