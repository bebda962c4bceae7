package org.heliograph.peer.ice;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** A candidate pair and how its checks stand (RFC 8445 6.1.2.6). */
final class CheckedPair {
  /** How long an answer says that a pair is alive: a consent interval and its repetitions. */
  private static final Duration FRESH = Duration.ofSeconds(10);

  /** How long checks stay unanswered before other pairs are looked at, where something comes. */
  private static final Duration SUSPECT_AFTER = Duration.ofSeconds(2);

  /** The same where nothing comes, besides two round trips. */
  private static final Duration SUSPECT_IN_SILENCE_AFTER = Duration.ofMillis(300);

  /** How often a pair that may be better than the one in use is looked at. */
  private static final Duration REVIEW = Duration.ofSeconds(5);

  /** How often that interval doubles while there is no answer: what never worked rarely will. */
  private static final int MAX_DOUBLINGS = 5;

  /** The same for a pair that has worked, and may again. */
  private static final int MAX_DOUBLINGS_AFTER_AN_ANSWER = 1;

  /** How many reviews in a row must be answered before data is moved. */
  private static final int STEADY_REVIEWS = 2;

  /** There is no frozen state: see {@link CheckList}. */
  enum State {
    WAITING,
    IN_PROGRESS,
    SUCCEEDED,
    FAILED
  }

  private final Generation generation;
  private final LocalBase base;
  private final InetSocketAddress remoteAddress;
  private final Pulse pulse = new Pulse();
  private Candidate local;
  private Candidate remote;
  private State state = State.WAITING;
  private StunTransaction check;
  private boolean nominated;
  private boolean nominating;
  private boolean nominateWhenValid;
  private long nominatedSinceNanos = Long.MIN_VALUE;
  private long answeredNanos = Long.MIN_VALUE;
  private long unansweredSinceNanos = Long.MAX_VALUE;
  private long reviewedNanos = Long.MAX_VALUE;
  private long nextReviewNanos = Long.MIN_VALUE;
  private int reviewsAnswered;
  private int reviewsMissed;
  private long requestsSent;
  private long requestsReceived;
  private long responsesReceived;
  private long totalRoundTripNanos;
  private long roundTripNanos = -1;

  CheckedPair(Generation generation, LocalBase base, Candidate local, Candidate remote) {
    this.generation = generation;
    this.base = base;
    this.local = local;
    this.remote = remote;
    remoteAddress = base.scoped(remote.address());
  }

  Generation generation() {
    return generation;
  }

  LocalBase base() {
    return base;
  }

  InetSocketAddress remoteAddress() {
    return remoteAddress;
  }

  Candidate remote() {
    return remote;
  }

  /** The remote candidate has become known better: a peer-reflexive one was signalled. */
  void setRemote(Candidate candidate) {
    remote = candidate;
  }

  State state() {
    return state;
  }

  /** Whether data would make a detour, or wait behind lost data: a relay, or TCP. */
  boolean isLastResort() {
    return base.kind() != LocalBase.Kind.HOST || remote.type() == CandidateType.RELAYED;
  }

  /** The pair's priority (RFC 8445 6.1.2.3). */
  long priority(IceRole role) {
    // Beyond 31 bits, where no candidate should be, the product would lose its sign.
    long ours = Math.min(local.priority(), Integer.MAX_VALUE);
    long theirs = Math.min(remote.priority(), Integer.MAX_VALUE);
    long controlling = role == IceRole.CONTROLLING ? ours : theirs;
    long controlled = role == IceRole.CONTROLLING ? theirs : ours;
    return (Math.min(controlling, controlled) << 32)
        + 2 * Math.max(controlling, controlled)
        + (controlling > controlled ? 1 : 0);
  }

  /** The check that is retransmitted, or null. */
  StunTransaction check() {
    return check;
  }

  /** A check is under way. */
  void begin(StunTransaction transaction) {
    check = transaction;
    if (state != State.SUCCEEDED) {
      state = State.IN_PROGRESS;
    }
  }

  /** Ends the retransmissions of the check; an answer to it still counts. */
  void cancelCheck() {
    check = null;
  }

  /** The pair waits for a check, whatever the last one brought. */
  void postpone() {
    state = State.WAITING;
    check = null;
  }

  void fail() {
    state = State.FAILED;
    check = null;
    nominating = false;
  }

  boolean isNominated() {
    return nominated;
  }

  /** Whether this side is about to nominate the pair, as the controlling agent. */
  boolean isNominating() {
    return nominating;
  }

  void setNominating(boolean nominating) {
    this.nominating = nominating;
  }

  void nominate(long nowNanos) {
    if (!nominated) {
      nominatedSinceNanos = nowNanos;
    }
    nominated = true;
    reviewsAnswered = 0;
    nominating = false;
    nominateWhenValid = false;
  }

  void withdrawNomination() {
    nominated = false;
    nominating = false;
  }

  /** The controlling agent nominates the pair, which counts once the pair is valid. */
  void nominateWhenValid() {
    nominateWhenValid = true;
  }

  boolean isToBeNominatedWhenValid() {
    return nominateWhenValid;
  }

  /** Since when the pair has been nominated without a break. */
  long nominatedSinceNanos() {
    return nominatedSinceNanos;
  }

  void countRequestSent() {
    requestsSent++;
  }

  /** The other side has checked the pair. */
  void checkReceived(long nowNanos) {
    requestsReceived++;
    pulse.beat(nowNanos);
  }

  /** An authentic packet has come over the pair. */
  void heard(long nowNanos) {
    pulse.beat(nowNanos);
  }

  /** From when on the pair is silent, if nothing comes until then. */
  long silentNanos() {
    return pulse.silentNanos();
  }

  /** A request that asks for a sign of life has left. */
  void awaitAnswer(long nowNanos) {
    unansweredSinceNanos = Math.min(unansweredSinceNanos, nowNanos);
  }

  /**
   * The other side has answered: the pair is valid.
   *
   * @param mapped the local candidate that the other side sees
   * @param roundTripNanos −1 when it is not known
   */
  void answered(long nowNanos, Candidate mapped, long roundTripNanos) {
    state = State.SUCCEEDED;
    local = mapped;
    answeredNanos = nowNanos;
    unansweredSinceNanos = Long.MAX_VALUE;
    responsesReceived++;
    pulse.beat(nowNanos);
    if (roundTripNanos >= 0) {
      this.roundTripNanos = roundTripNanos;
      totalRoundTripNanos += roundTripNanos;
    }
  }

  /** What the last check took; −1 if that is not known. */
  long roundTripNanos() {
    return roundTripNanos;
  }

  /** When the other side last answered. */
  long answeredNanos() {
    return answeredNanos;
  }

  /** Whether the pair may be looked at again. */
  boolean isReviewDue(long nowNanos) {
    return nowNanos >= nextReviewNanos;
  }

  /** A check leaves that is to tell whether the pair works, while another one is in use. */
  void review(long nowNanos) {
    boolean answered = reviewedNanos != Long.MAX_VALUE && answeredNanos >= reviewedNanos;
    reviewsAnswered = answered ? reviewsAnswered + 1 : 0;
    reviewsMissed = answered || reviewedNanos == Long.MAX_VALUE ? 0 : reviewsMissed + 1;
    reviewedNanos = nowNanos;
    int most = responsesReceived > 0 ? MAX_DOUBLINGS_AFTER_AN_ANSWER : MAX_DOUBLINGS;
    nextReviewNanos = nowNanos + (REVIEW.toNanos() << Math.min(reviewsMissed, most));
  }

  /** Whether the pair has answered long enough for data to be moved to it. */
  boolean isSteady(long nowNanos) {
    return reviewsAnswered >= STEADY_REVIEWS && isHealthy(nowNanos);
  }

  /** Since when a request has been waiting for an answer; {@link Long#MAX_VALUE} for none. */
  long unansweredSinceNanos() {
    return unansweredSinceNanos;
  }

  /** Whether the pair is valid and has answered lately. */
  boolean isHealthy(long nowNanos) {
    return state == State.SUCCEEDED
        && !isSuspect(nowNanos)
        && nowNanos - answeredNanos < FRESH.toNanos();
  }

  /** Whether checks have been without an answer for longer than loss explains. */
  boolean isSuspect(long nowNanos) {
    return nowNanos >= suspectNanos();
  }

  /** From when on the pair is suspect, if nothing comes until then. */
  long suspectNanos() {
    if (unansweredSinceNanos == Long.MAX_VALUE) {
      return Long.MAX_VALUE;
    }
    // What still comes shows that one direction works, so that loss is the likelier explanation.
    long patience =
        Math.min(
            SUSPECT_IN_SILENCE_AFTER.toNanos() + 2 * Math.max(0, roundTripNanos),
            SUSPECT_AFTER.toNanos());
    return Math.min(
        unansweredSinceNanos + SUSPECT_AFTER.toNanos(),
        Math.max(unansweredSinceNanos + patience, silentNanos()));
  }

  SelectedPair asSelected() {
    return new SelectedPair(base.address(), remoteAddress, local, remote);
  }

  PairStatistics statistics(boolean selected) {
    return new PairStatistics(
        local,
        remote,
        state.name().toLowerCase(Locale.ROOT).replace('_', '-'),
        nominated,
        selected,
        requestsSent,
        requestsReceived,
        responsesReceived,
        Duration.ofNanos(totalRoundTripNanos),
        roundTripNanos < 0 ? Optional.empty() : Optional.of(Duration.ofNanos(roundTripNanos)));
  }
}
