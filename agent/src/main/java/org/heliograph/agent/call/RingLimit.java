package org.heliograph.agent.call;

import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.LongSupplier;
import org.heliograph.signaling.RateLimit;

/**
 * How often others may ring here: each peer so many times a minute, all together six times as
 * often. Belongs to the calls' loop.
 */
final class RingLimit {
  /** How often a peer may ring in a minute unless told otherwise. */
  static final int RINGS = 5;

  private static final int ALL_TO_ONE = 6;
  private static final double SECONDS = 60;

  /** So many peers are told apart; {@link #ofAll} holds for more. */
  private static final int PEERS = 64;

  private final int rings;
  private final LongSupplier nanoTime;
  private final RateLimit ofAll;
  private final SequencedMap<String, RateLimit> ofPeers = LinkedHashMap.newLinkedHashMap(PEERS);

  /**
   * @param rings how often a peer may ring at once; as often again each minute
   */
  RingLimit(int rings, LongSupplier nanoTime) {
    this.rings = rings;
    this.nanoTime = nanoTime;
    this.ofAll = new RateLimit(ALL_TO_ONE * rings / SECONDS, ALL_TO_ONE * rings, nanoTime);
  }

  /** How often a peer may ring in a minute. */
  int ofPeer() {
    return rings;
  }

  /** Whether a peer may ring once more now; if so it is counted. */
  boolean tryRing(String peer) {
    RateLimit ofPeer = ofPeers.remove(peer);
    if (ofPeer == null) {
      ofPeer = new RateLimit(rings / SECONDS, rings, nanoTime);
    }
    ofPeers.putLast(peer, ofPeer);
    if (ofPeers.size() > PEERS) {
      ofPeers.pollFirstEntry();
    }
    return ofPeer.tryTake() && ofAll.tryTake();
  }
}
