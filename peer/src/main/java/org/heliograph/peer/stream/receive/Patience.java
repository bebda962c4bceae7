package org.heliograph.peer.stream.receive;

import org.heliograph.peer.stream.RoundTripTime;

/**
 * NACK timing and the depth of the jitter buffer: how long one stream waits for a packet that is
 * missing, learnt from its network. From the round trip, which a packet that is asked for again
 * needs, and from how late packets come by themselves: those that were only overtaken, and those
 * that somebody nearer to the sender had to repair before he forwarded them, over a path that is
 * longer than this one.
 */
final class Patience {
  private static final long INITIAL_REORDERING_NANOS = 10_000_000;
  private static final long MIN_REORDERING_NANOS = 2_000_000;
  private static final long MAX_REORDERING_NANOS = 100_000_000;

  private static final long MIN_RETRY_NANOS = 20_000_000;
  private static final long MIN_MARGIN_NANOS = 10_000_000;

  /** So many answers are waited for before a key frame is asked for too. */
  private static final int TRIES_BEFORE_KEY_FRAME = 6;

  private static final long MIN_KEY_FRAME_NANOS = 250_000_000;
  private static final long MAX_KEY_FRAME_NANOS = 1_500_000_000;

  /** Senders keep packets about so long: what has not come by then does not come. */
  private static final long MAX_BREAKING_NANOS = 2_000_000_000;

  private static final long MIN_BREAKING_NANOS = 1_000_000_000;

  private static final long MAX_DISPENSABLE_NANOS = 250_000_000;

  private static final long MIN_WITHOUT_NACK_NANOS = 30_000_000;
  private static final long MAX_WITHOUT_NACK_NANOS = 120_000_000;

  /** Sound that comes later than this is no longer a talk: it is not worth waiting for. */
  private static final long MAX_AUDIO_NANOS = 200_000_000;

  /** Where more requests than this stay without an answer, each is sent twice. */
  private static final double MANY_UNANSWERED = 0.15;

  private static final long MIN_ANSWER_TO_REPEAT_NANOS = 60_000_000;

  private static final long LONG_QUEUE_NANOS = 150_000_000;

  private final RoundTripTime roundTrip;
  private boolean asksAgain;
  private double unanswered;
  private long reorderingNanos = INITIAL_REORDERING_NANOS;

  /** How late packets come that cannot be asked for here: they are repaired further up. */
  private long forwardedRepairNanos;

  /**
   * @param asksAgain whether missing packets are asked for again (NACK)
   */
  Patience(RoundTripTime roundTrip, boolean asksAgain) {
    this.roundTrip = roundTrip;
    this.asksAgain = asksAgain;
  }

  void renegotiated(boolean asksAgainNow) {
    asksAgain = asksAgainNow;
  }

  /** A packet that was missing has come by itself, that much later than the one behind it. */
  void onOvertaken(long latenessNanos) {
    long enough = latenessNanos + latenessNanos / 4;
    reorderingNanos = Math.clamp(enough, reorderingNanos, MAX_REORDERING_NANOS);
    if (latenessNanos > answerNanos()) {
      long more = latenessNanos - forwardedRepairNanos;
      forwardedRepairNanos += more > 0 ? more / 2 : more / 16;
    }
  }

  /** A packet has come by itself after it was given up. */
  void onGivenUpTooEarly() {
    reorderingNanos = Math.min(MAX_REORDERING_NANOS, reorderingNanos + reorderingNanos / 2);
  }

  /** A packet that was missing was really lost: waiting for it to come by itself was in vain. */
  void onLost() {
    reorderingNanos = Math.max(MIN_REORDERING_NANOS, reorderingNanos - reorderingNanos / 16);
    forwardedRepairNanos -= forwardedRepairNanos / 16;
  }

  /** A request was answered, or was not within {@link #answerNanos}. */
  void onRequestEnded(boolean answered) {
    unanswered += ((answered ? 0 : 1) - unanswered) / 32;
  }

  /**
   * Whether a request is worth sending twice at short distance: so many get lost on the way that
   * this saves waiting, and senders answer the same request only once in so short a time. Not where
   * they get lost because the path is full.
   */
  boolean repeatsRequests() {
    return unanswered > MANY_UNANSWERED
        && answerNanos() > MIN_ANSWER_TO_REPEAT_NANOS
        && !isPathFull();
  }

  /** Whether packets wait so long on their way that more is sent than the path carries. */
  private boolean isPathFull() {
    return roundTrip.queueNanos() > LONG_QUEUE_NANOS;
  }

  /** A packet that is only overtaken comes within this time. */
  long reorderingNanos() {
    return reorderingNanos;
  }

  /** A packet that was asked for comes within this time, if it comes. */
  long answerNanos() {
    long margin = Math.max(MIN_MARGIN_NANOS, 2 * roundTrip.variationNanos());
    return Math.max(MIN_RETRY_NANOS, roundTrip.expectedNanos() + margin);
  }

  /**
   * A packet that is missing is repaired within this time, if it is: by this side's request, or by
   * that of whoever forwards it.
   */
  private long repairNanos() {
    return Math.max(answerNanos(), forwardedRepairNanos);
  }

  /** How long a packet is waited for that no other frame needs. */
  long dispensableNanos() {
    return asksAgain
        ? Math.min(MAX_DISPENSABLE_NANOS, reorderingNanos + 2 * repairNanos())
        : withoutNackNanos();
  }

  /**
   * How long a packet is missing that decoding cannot go on without when a key frame is asked for;
   * from then on whichever of the two comes first is taken.
   */
  long keyFrameNanos() {
    return asksAgain
        ? Math.clamp(
            reorderingNanos + TRIES_BEFORE_KEY_FRAME * repairNanos(),
            MIN_KEY_FRAME_NANOS,
            MAX_KEY_FRAME_NANOS)
        : withoutNackNanos();
  }

  /** How long such a packet is waited for at all. */
  long breakingNanos() {
    return asksAgain
        ? Math.clamp(16 * repairNanos(), MIN_BREAKING_NANOS, MAX_BREAKING_NANOS)
        : withoutNackNanos();
  }

  /** How long sound is held back for a packet that is missing. */
  long audioNanos() {
    long asked = reorderingNanos + answerNanos() + answerNanos() / 4;
    return asksAgain && asked <= MAX_AUDIO_NANOS ? asked : withoutNackNanos();
  }

  private long withoutNackNanos() {
    return Math.clamp(2 * reorderingNanos, MIN_WITHOUT_NACK_NANOS, MAX_WITHOUT_NACK_NANOS);
  }
}
