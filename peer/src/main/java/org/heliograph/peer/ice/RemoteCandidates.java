package org.heliograph.peer.ice;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What is known of where the other side may be reached, one candidate for each address. */
final class RemoteCandidates {
  private static final int MAX_CANDIDATES = 64;

  private final RemoteAddressRule addressRule;
  private final List<Candidate> candidates = new ArrayList<>();
  private int skipped;
  private int peerReflexive;

  RemoteCandidates(RemoteAddressRule addressRule) {
    this.addressRule = addressRule;
  }

  List<Candidate> all() {
    return candidates;
  }

  /** How many were named and cannot be used. */
  int skipped() {
    return skipped;
  }

  void clear() {
    candidates.clear();
    skipped = 0;
  }

  /** The candidate of an address, over UDP or over TCP. */
  Optional<Candidate> at(InetSocketAddress address, boolean tcp) {
    return candidates.stream()
        .filter(known -> known.isTcp() == tcp && known.address().equals(address))
        .findFirst();
  }

  /**
   * Why a candidate that was named is not used; empty if it is, or is known already.
   *
   * @param tcp whether this side can open TCP connections
   */
  Optional<String> add(Candidate candidate, Generation generation, boolean tcp) {
    Optional<String> reason = whyUnusable(candidate, generation, tcp);
    if (reason.isEmpty() && at(candidate.address(), candidate.isTcp()).isEmpty()) {
      if (isFull()) {
        reason = Optional.of("the other side named more than " + MAX_CANDIDATES + " candidates");
      } else {
        candidates.add(candidate);
      }
    }
    skipped += reason.isPresent() ? 1 : 0;
    return reason;
  }

  /** A candidate becomes known better than by its checks. */
  void replace(Candidate known, Candidate named) {
    candidates.replaceAll(candidate -> candidate.equals(known) ? named : candidate);
  }

  /** Whether a peer-reflexive candidate has to make room for the next one. */
  boolean isFull() {
    return candidates.size() == MAX_CANDIDATES;
  }

  /** Forgets a candidate. */
  void remove(Candidate candidate) {
    candidates.remove(candidate);
  }

  /**
   * The address that a check or media came from (RFC 8445 7.3.1.3); empty when there are too many,
   * or it is none to be used.
   */
  Optional<Candidate> addPeerReflexive(
      InetSocketAddress address, long priority, String usernameFragment) {
    if (isFull() || !addressRule.hears(address)) {
      return Optional.empty();
    }
    Candidate candidate =
        Candidate.udp(
            "prflx" + ++peerReflexive,
            priority,
            address,
            CandidateType.PEER_REFLEXIVE,
            Optional.empty(),
            usernameFragment);
    candidates.add(candidate);
    return Optional.of(candidate);
  }

  /** Forgets what was named before the credentials and turns out not to belong to them. */
  void keepOnly(Generation generation) {
    candidates.removeIf(candidate -> isOfAnother(generation, candidate));
  }

  private Optional<String> whyUnusable(Candidate candidate, Generation generation, boolean tcp) {
    if (!candidate.transport().equals("udp") && !(tcp && candidate.isTcp())) {
      return Optional.of("its transport is " + candidate.transport());
    }
    if (candidate.isTcp() && !candidate.tcpType().equals(Optional.of("passive"))) {
      return Optional.of(
          "it is of tcptype "
              + candidate.tcpType().orElse("(none)")
              + ", and this side accepts no TCP connections");
    }
    if (candidate.component() != 1) {
      return Optional.of("RTCP shares component 1");
    }
    if (candidate.address().isUnresolved()) {
      return Optional.of("it is a name, which is not looked up (mDNS)");
    }
    Optional<String> refusal = addressRule.refusal(candidate.address());
    if (refusal.isPresent()) {
      return refusal;
    }
    if (isOfAnother(generation, candidate)) {
      return Optional.of("it belongs to another generation");
    }
    return Optional.empty();
  }

  private static boolean isOfAnother(Generation generation, Candidate candidate) {
    return generation.remote().isPresent()
        && candidate.usernameFragment().isPresent()
        && !candidate.usernameFragment().get().equals(generation.remote().get().usernameFragment());
  }
}
