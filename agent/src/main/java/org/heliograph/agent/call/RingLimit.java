package org.heliograph.agent.call;

import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.LongSupplier;
import org.heliograph.agent.signal.RateLimit;

/**
 * How often others may ring here: each peer five times a minute, all together thirty times. Belongs
 * to the calls' loop.
 */
final class RingLimit {
  /** How often a peer may ring at once; as often again each minute. */
  static final int RINGS = 5;

  private static final int RINGS_OF_ALL = 30;
  private static final double SECONDS = 60;

  /** So many peers are told apart; {@link #ofAll} holds for more. */
  private static final int PEERS = 64;

  private final LongSupplier nanoTime;
  private final RateLimit ofAll;
  private final SequencedMap<String, RateLimit> ofPeers = LinkedHashMap.newLinkedHashMap(PEERS);

  RingLimit(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.ofAll = new RateLimit(RINGS_OF_ALL / SECONDS, RINGS_OF_ALL, nanoTime);
  }

  /** Whether a peer may ring once more now; if so it is counted. */
  boolean tryRing(String peer) {
    RateLimit ofPeer = ofPeers.remove(peer);
    if (ofPeer == null) {
      ofPeer = new RateLimit(RINGS / SECONDS, RINGS, nanoTime);
    }
    ofPeers.putLast(peer, ofPeer);
    if (ofPeers.size() > PEERS) {
      ofPeers.pollFirstEntry();
    }
    return ofPeer.tryTake() && ofAll.tryTake();
  }
}
