package org.heliograph.peer.sctp;

import java.time.Duration;
import java.util.Random;
import org.heliograph.peer.netem.Link;
import org.heliograph.peer.netem.LinkConditions;
import org.heliograph.peer.netem.VirtualClock;

/** Two associations and the two directions of the wire between them. */
final class SctpPair {
  final VirtualClock clock = new VirtualClock();
  final SctpEndpoint alice = new SctpEndpoint(clock, 1);
  final SctpEndpoint bob = new SctpEndpoint(clock, 2);
  final Link toBob;
  final Link toAlice;

  SctpPair(long seed) {
    LinkConditions delay = LinkConditions.delay(Duration.ofMillis(10));
    toBob = new Link(clock, new Random(seed), delay, bob::receive);
    toAlice = new Link(clock, new Random(seed + 1), delay, alice::receive);
    alice.sendsTo(toBob::send);
    bob.sendsTo(toAlice::send);
  }

  SctpPair conditions(LinkConditions conditions) {
    toBob.setConditions(conditions);
    toAlice.setConditions(conditions);
    return this;
  }

  SctpPair connect() {
    alice.association.connect(clock.nanoTime());
    bob.association.connect(clock.nanoTime());
    if (!runUntil(this::isUp, Duration.ofMinutes(1))) {
      throw new AssertionError("no association");
    }
    return this;
  }

  boolean isUp() {
    return alice.association.state() == SctpState.ESTABLISHED
        && bob.association.state() == SctpState.ESTABLISHED;
  }

  boolean runUntil(java.util.function.BooleanSupplier condition, Duration limit) {
    return clock.runUntil(condition, limit);
  }

  void run(Duration duration) {
    clock.run(duration);
  }
}
