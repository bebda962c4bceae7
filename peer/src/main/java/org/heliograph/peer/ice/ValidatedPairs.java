package org.heliograph.peer.ice;

import java.net.InetSocketAddress;
import java.util.LinkedHashSet;
import java.util.SequencedSet;

/**
 * The pairs of addresses that an authentic check has come over, or an authentic answer to one of
 * ours: the valid pairs of RFC 8445, and those that are about to be. They outlast the generation
 * whose checks showed them, because data does.
 *
 * <p>When there are too many, the one that was shown longest ago is forgotten: a pair that is used
 * is checked every few seconds (RFC 7675).
 */
final class ValidatedPairs {
  /** More than there are pairs in a check list. */
  static final int MAX_PAIRS = 128;

  private record AddressPair(InetSocketAddress local, InetSocketAddress remote) {}

  /** The one that was shown longest ago is the first. */
  private final SequencedSet<AddressPair> pairs = new LinkedHashSet<>();

  /** Something authentic has come from a remote address to a local one. */
  void add(InetSocketAddress local, InetSocketAddress remote) {
    pairs.addLast(new AddressPair(local, remote));
    if (pairs.size() > MAX_PAIRS) {
      pairs.removeFirst();
    }
  }

  boolean contains(InetSocketAddress local, InetSocketAddress remote) {
    return pairs.contains(new AddressPair(local, remote));
  }

  /** A local address is not used any more. */
  void forget(InetSocketAddress local) {
    pairs.removeIf(pair -> pair.local.equals(local));
  }

  int size() {
    return pairs.size();
  }
}
