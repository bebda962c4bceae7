package org.heliograph.peer.congestion;

import org.heliograph.peer.rtcp.TransportFeedback;

/**
 * Finds how much may be sent over a transport, all streams together, after Google congestion
 * control (draft-ietf-rmcat-gcc-02): the least of what the delay, the loss and the receiver's own
 * estimate allow, found quicker by probes. It numbers each packet that is sent and takes what comes
 * back; it has no clock and no thread.
 */
public final class CongestionController {
  private static final long ASSUMED_ROUND_TRIP_NANOS = 200_000_000;

  /** After this long without transport-wide feedback receiver reports are listened to. */
  private static final long FEEDBACK_SILENCE_NANOS = 2_000_000_000;

  /** So long after everything was answered nothing is left in the queue that feedback told of. */
  private static final long IDLE_NANOS = 1_000_000_000;

  /** What was sent is so long without an answer before less is sent, besides the round trip. */
  private static final long UNANSWERED_NANOS = 1_000_000_000;

  private static final long BACK_OFF_INTERVAL_NANOS = 500_000_000;
  private static final double BACK_OFF = 0.8;
  private static final long UPDATE_INTERVAL_NANOS = 250_000_000;

  private final long minimum;
  private final long start;
  private final long maximum;
  private final SentPacketHistory sent = new SentPacketHistory();
  private PathQueue pathQueue = new PathQueue();
  private AcknowledgedRate acknowledged = new AcknowledgedRate();
  private final ApplicationLimit application = new ApplicationLimit();
  private DelayBasedEstimator delayBased;
  private LossBasedEstimator lossBased = new LossBasedEstimator();
  private final ReportBasedEstimator reportBased;
  private ProbeController probes;
  private final ProbeEstimator probeEstimator = new ProbeEstimator();
  private final ReceiverEstimate receiver;
  private boolean hasFeedback;
  private long feedbackNanos;
  private boolean numbers;
  private boolean unanswered;
  private long unansweredNanos;
  private long roundTripNanos = ASSUMED_ROUND_TRIP_NANOS;
  private boolean wasLimited;
  private long updateNanos = Long.MAX_VALUE;

  /** What was sent before this went another way. */
  private long pathSinceNanos = Long.MIN_VALUE;

  /**
   * @param minimum the least that is ever given, in bits per second
   * @param start what is given until something is known
   * @param maximum the most that is ever given
   */
  public CongestionController(long minimum, long start, long maximum) {
    if (minimum <= 0 || start < minimum || maximum < start) {
      throw new IllegalArgumentException("0 < minimum <= start <= maximum");
    }
    this.minimum = minimum;
    this.start = start;
    this.maximum = maximum;
    delayBased = new DelayBasedEstimator((double) minimum, (double) start, (double) maximum);
    receiver = new ReceiverEstimate((double) minimum);
    reportBased = new ReportBasedEstimator((double) minimum, (double) start, (double) maximum);
    probes = new ProbeController((double) maximum);
  }

  // ---- What is sent ----

  /**
   * The transport-wide number, 0 to 65535, of the packet that is about to be sent; {@link #onSent}
   * follows.
   *
   * @param probe the probe that it is part of, or {@link Probe#NONE}
   */
  public int nextNumber(int probe, long nowNanos) {
    return sent.nextNumber(probe, nowNanos);
  }

  /** The packet that was numbered last was sent, this long. */
  public void onSent(int bytes, long nowNanos) {
    sent.onSent(bytes);
    application.onSent(bytes, estimate(), nowNanos);
    if (!unanswered) {
      unanswered = true;
      unansweredNanos = nowNanos;
    }
    if (!numbers) {
      numbers = true;
      updateNanos = nowNanos + UPDATE_INTERVAL_NANOS;
      probes.start((double) start, nowNanos);
    }
  }

  /** The next probe to send, or null; each is given once. */
  public Probe pollProbe() {
    Probe next = probes.poll();
    if (next != null) {
      probeEstimator.expect(next);
    }
    return next;
  }

  /** Whether a probe waits to be sent. */
  public boolean isProbeDue() {
    return probes.isDue();
  }

  // ---- What comes back ----

  /** Takes transport-wide feedback. */
  public void onTransportFeedback(TransportFeedback feedback, long nowNanos) {
    PacketResults results = sent.onFeedback(feedback);
    hasFeedback = true;
    feedbackNanos = nowNanos;
    unanswered = sent.bytesInFlight() > 0;
    unansweredNanos = nowNanos;
    double before = estimate();
    application.update(before, nowNanos);
    boolean limited = application.limited();
    if (wasLimited && !limited) {
      acknowledged.expectFastChange();
    }
    wasLimited = limited;
    double probed = -1;
    for (int i = 0; i < results.received(); i++) {
      if (results.sentNanos(i) < pathSinceNanos) {
        continue;
      }
      pathQueue.add(results.sentNanos(i), results.arrivalNanos(i), nowNanos);
      acknowledged.add(results.arrivalNanos(i), results.bytes(i), limited);
      delayBased.add(results.sentNanos(i), results.arrivalNanos(i), nowNanos);
      if (results.probe(i) != Probe.NONE) {
        double measured =
            probeEstimator.add(
                results.probe(i), results.sentNanos(i), results.arrivalNanos(i), results.bytes(i));
        probed = measured > 0 ? measured : probed;
      }
    }
    pathQueue.endOfFeedback(nowNanos);
    if (results.received() > 0) {
      delayBased.update(acknowledged, pathQueue, limited, roundTripNanos, nowNanos);
    }
    boolean overusing = delayBased.usage() == BandwidthUsage.OVERUSING;
    if (probed > 0 && !overusing) {
      delayBased.onProbeResult(probed, nowNanos);
      acknowledged.expectFastChange();
    }
    if (delayBased.capacityExceeded()) {
      probes.onCapacityExceeded();
    }
    lossBased.onResults(results, nowNanos);
    if (delayBased.bitsPerSecond() > lossBased.limit()) {
      delayBased.set(lossBased.limit(), nowNanos);
    }
    double after = estimate();
    if (after < before || overusing) {
      probes.onDecrease(before, after, nowNanos);
    } else if (probed > 0) {
      probes.onResult(probed, after, nowNanos);
    }
    reportBased.set(after, nowNanos);
  }

  /**
   * Takes what receiver reports say; they count where there is no transport-wide feedback.
   *
   * @param fractionLost the share of packets lost since the reports before, 0 to 1
   * @param numbered whether packets of any stream are numbered; else there is no such feedback any
   *     more
   */
  public void onReceiverReport(double fractionLost, boolean numbered, long nowNanos) {
    hasFeedback &= numbered;
    boolean idle = isIdle(nowNanos);
    if (!hasFeedback || idle || nowNanos - feedbackNanos > FEEDBACK_SILENCE_NANOS) {
      unanswered = false;
      receiver.update(nowNanos);
      reportBased.onReport(fractionLost, receiver.limit(), idle, nowNanos);
      delayBased.set(reportBased.bitsPerSecond(), nowNanos);
    }
  }

  /**
   * Takes what the receiver itself estimates (REMB): it is a limit whatever else is known, until it
   * is not renewed any more.
   *
   * @param bitsPerSecond 0 for no limit
   */
  public void onReceiverEstimate(long bitsPerSecond, long nowNanos) {
    receiver.onEstimate(bitsPerSecond, nowNanos);
    limitProbes();
    updateNanos = Math.min(updateNanos, nowNanos + UPDATE_INTERVAL_NANOS);
  }

  /** What the receiver has estimated holds no longer: it is not asked for any more. */
  public void forgetReceiverEstimate() {
    receiver.forget();
    limitProbes();
  }

  private void limitProbes() {
    probes.setMaximum(Math.min(receiver.limit(), (double) maximum));
  }

  /**
   * Packets go another way from now on: what was learnt of the one before says nothing of it. As
   * much is sent as at the beginning of a call, at most, and probes find out how much more it may
   * be.
   */
  public void onPathChange(long nowNanos) {
    double least = (double) minimum;
    // Without transport-wide feedback nothing would soon find out that more may be sent.
    double from = hasFeedback ? Math.min(estimate(), (double) start) : (double) start;
    receiver.forget();
    pathSinceNanos = nowNanos;
    pathQueue = new PathQueue();
    acknowledged = new AcknowledgedRate();
    delayBased = new DelayBasedEstimator(least, from, (double) maximum);
    lossBased = new LossBasedEstimator();
    probes = new ProbeController((double) maximum);
    reportBased.set(from, nowNanos);
    if (numbers) {
      updateNanos = nowNanos + UPDATE_INTERVAL_NANOS; // probes start when the old path is empty
    }
  }

  /** A round trip was measured. */
  public void onRoundTrip(long nanos) {
    roundTripNanos = nanos;
  }

  // ---- Time ----

  /** When {@link #handleTimeout} is due; {@link Long#MAX_VALUE} before anything is sent. */
  public long nextTimeoutNanos() {
    return updateNanos;
  }

  /** Does what is due by now: probes, and less and less while nothing is heard. */
  public void handleTimeout(long nowNanos) {
    if (nowNanos < updateNanos) {
      return;
    }
    updateNanos = nowNanos + UPDATE_INTERVAL_NANOS;
    receiver.update(nowNanos);
    limitProbes();
    if (!numbers) {
      return;
    }
    double estimate = estimate();
    application.update(estimate, nowNanos);
    probes.start(estimate, nowNanos);
    if (isIdle(nowNanos)) {
      pathQueue.onIdle();
      delayBased.onIdle();
    }
    if (unanswered && nowNanos - unansweredNanos > UNANSWERED_NANOS + 2 * roundTripNanos) {
      unansweredNanos += BACK_OFF_INTERVAL_NANOS;
      delayBased.set(BACK_OFF * delayBased.bitsPerSecond(), nowNanos);
      probes.onDecrease(estimate, estimate(), nowNanos);
    } else if (hasFeedback && (!unanswered || nowNanos - feedbackNanos < FEEDBACK_SILENCE_NANOS)) {
      double most = Math.min(receiver.limit(), lossBased.limit());
      if (most > estimate) {
        probes.update(estimate, application.limited(), delayBased.usage(), nowNanos);
      }
    }
  }

  /**
   * Whether feedback has stopped because nothing is sent that it could be about: where pictures
   * alone are numbered, that is so while they are suspended. Only a probe can show more then.
   */
  private boolean isIdle(long nowNanos) {
    return hasFeedback && !unanswered && nowNanos - feedbackNanos > IDLE_NANOS;
  }

  // ---- The estimate ----

  /** How much should be sent now, all streams together, in bits per second. */
  public long bitsPerSecond() {
    return (long) estimate();
  }

  private double estimate() {
    double least = Math.min(delayBased.bitsPerSecond(), receiver.limit());
    return Math.clamp(least, (double) minimum, (double) maximum);
  }

  /** How long packets wait in queues on the path, by the last feedback, in nanoseconds. */
  public long queueNanos() {
    return pathQueue.nanos();
  }
}
