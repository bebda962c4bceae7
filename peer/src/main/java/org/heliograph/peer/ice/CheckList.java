package org.heliograph.peer.ice;

import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The pairs of one generation (RFC 8445 6.1.2) and the order in which they are checked.
 *
 * <p>No pair is ever frozen: freezing keeps the other components and streams of a foundation back
 * until one has tried it, and there is but one of each here.
 *
 * <p>Pairs are made of bases, not of local candidates: a reflexive candidate is sent from its base,
 * and pruning (RFC 8445 6.1.2.4) would replace the one by the other.
 */
final class CheckList {
  /** The limit that RFC 8445 6.1.2.5 recommends. */
  static final int MAX_PAIRS = 100;

  private final Generation generation;
  private final Function<LocalBase, Candidate> hostCandidate;
  private final List<CheckedPair> pairs = new ArrayList<>();
  private final Deque<CheckedPair> triggered = new ArrayDeque<>();
  private int pairsMade;

  CheckList(Generation generation, Function<LocalBase, Candidate> hostCandidate) {
    this.generation = generation;
    this.hostCandidate = hostCandidate;
  }

  List<CheckedPair> pairs() {
    return pairs;
  }

  /** How many pairs there have been. */
  int pairsMade() {
    return pairsMade;
  }

  Optional<CheckedPair> find(LocalBase base, InetSocketAddress remote) {
    for (CheckedPair pair : pairs) {
      if (pair.base().equals(base) && pair.remoteAddress().equals(remote)) {
        return Optional.of(pair);
      }
    }
    return Optional.empty();
  }

  /**
   * Makes a pair. In a full list it takes the place of the least one that has come to nothing, if
   * that is of lower priority.
   */
  Optional<CheckedPair> add(LocalBase base, Candidate remote, IceRole role) {
    if (!base.pairsWith(remote)) {
      return Optional.empty();
    }
    CheckedPair pair = new CheckedPair(generation, base, hostCandidate.apply(base), remote);
    if (pairs.size() == MAX_PAIRS) {
      Optional<CheckedPair> least =
          pairs.stream()
              .filter(
                  other ->
                      other.state() == CheckedPair.State.WAITING
                          || other.state() == CheckedPair.State.FAILED)
              .min(byPriority(role));
      if (least.isEmpty() || least.get().priority(role) >= pair.priority(role)) {
        return Optional.empty();
      }
      remove(least.get()::equals);
    }
    pairs.add(pair);
    pairsMade++;
    return Optional.of(pair);
  }

  void remove(Predicate<CheckedPair> which) {
    pairs.removeIf(which);
    triggered.removeIf(which);
  }

  /** Has a pair checked out of turn (RFC 8445 7.3.1.4). */
  void trigger(CheckedPair pair) {
    if (pair.state() != CheckedPair.State.SUCCEEDED) {
      pair.postpone();
    }
    if (!triggered.contains(pair)) {
      triggered.add(pair);
    }
  }

  /** Whether a check is wanted out of turn. */
  boolean hasTriggered() {
    triggered.removeIf(CheckList::isSettled);
    return !triggered.isEmpty();
  }

  /** The next pair to be checked out of turn. */
  Optional<CheckedPair> pollTriggered() {
    triggered.removeIf(CheckList::isSettled);
    return Optional.ofNullable(triggered.poll());
  }

  /** An answer may have come while the pair was waiting for its turn. */
  private static boolean isSettled(CheckedPair pair) {
    return pair.state() == CheckedPair.State.SUCCEEDED && !pair.isNominating();
  }

  /** The next pair to be checked in its turn: the waiting one of highest priority. */
  Optional<CheckedPair> nextWaiting(IceRole role) {
    return best(pair -> pair.state() == CheckedPair.State.WAITING, role);
  }

  /** The pair of highest priority among some. */
  Optional<CheckedPair> best(Predicate<CheckedPair> among, IceRole role) {
    return pairs.stream().filter(among).max(byPriority(role));
  }

  private static Comparator<CheckedPair> byPriority(IceRole role) {
    return Comparator.comparingLong(pair -> pair.priority(role));
  }

  /** How many pairs are waiting or in progress; the interval of retransmissions grows with it. */
  int unsettled() {
    int count = 0;
    for (CheckedPair pair : pairs) {
      if (pair.state() == CheckedPair.State.WAITING
          || pair.state() == CheckedPair.State.IN_PROGRESS) {
        count++;
      }
    }
    return count;
  }
}
