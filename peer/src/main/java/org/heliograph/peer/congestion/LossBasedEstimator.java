package org.heliograph.peer.congestion;

/**
 * Limits the rate where loss depends on it, and only there. Of the last seconds it asks which of
 * two explanations is the likelier: a path that loses the same share of packets whatever is sent,
 * as a radio does; or one that carries so much and loses the rest, as a full queue does (the idea
 * of libwebrtc's loss-based estimator, version 2).
 *
 * <p>Constant loss at a constant rate fits both. Up to 10 % it is then held to be the path's own;
 * above that the rate is lowered, which is the experiment that tells: loss which stays is the
 * path's own after all, and the limit goes.
 */
final class LossBasedEstimator {
  private static final int WINDOW = 20;
  private static final long OBSERVATION_NANOS = 250_000_000;
  private static final int OBSERVATION_PACKETS = 10;
  private static final double AGEING = 0.9;
  private static final double LEAST_LOSS = 0.002;
  private static final double LOG_LEAST_LOSS = Math.log(LEAST_LOSS);
  private static final double USUAL_LOSS = 0.10;
  private static final double MOST_TOLERATED_LOSS = 0.5;

  /** What loss above the tolerated counts against an explanation, for each packet and unit. */
  private static final double SURPRISE = 0.12;

  /** A limit has to explain so much better, in units of log likelihood. */
  private static final double EVIDENCE = 3;

  private static final int LOSS_STEPS = 6;

  /**
   * Differences below this come from rounding. On a path narrower than all that was sent, its own
   * loss and its limit cannot be told apart: the lower loss is taken, with the lower limit.
   */
  private static final double TIE = 1e-9;

  private final double[] rates = new double[WINDOW];
  private final double[] logRates = new double[WINDOW];
  private final double[] packets = new double[WINDOW];
  private final double[] losses = new double[WINDOW];
  private int count;
  private int next;
  private boolean open;
  private long openedNanos;
  private long openPackets;
  private long openLost;
  private long openBytes;
  private double own;
  private double logOwn;
  private double logKept;
  private double tolerated = USUAL_LOSS;
  private double limit = Double.POSITIVE_INFINITY;

  /**
   * Takes what one feedback packet tells.
   *
   * @return whether there is a new conclusion
   */
  boolean onResults(PacketResults results, long nowNanos) {
    if (!open) {
      open = true;
      openedNanos = nowNanos;
    }
    openPackets += results.received() + results.lost() - results.foundAgain();
    openLost += results.lost() - results.foundAgain();
    openBytes += results.lostBytes();
    for (int i = 0; i < results.received(); i++) {
      openBytes += results.bytes(i);
    }
    if (nowNanos - openedNanos < OBSERVATION_NANOS || openPackets < OBSERVATION_PACKETS) {
      return false;
    }
    rates[next] = 8e9 * openBytes / (nowNanos - openedNanos);
    packets[next] = openPackets;
    losses[next] = Math.max(0, openLost);
    next = (next + 1) % WINDOW;
    count = Math.min(count + 1, WINDOW);
    openedNanos = nowNanos;
    openPackets = 0;
    openLost = 0;
    openBytes = 0;
    conclude();
    return true;
  }

  private void conclude() {
    double allPackets = 0;
    double allLost = 0;
    double weight = 1;
    for (int age = 0; age < count; age++, weight *= AGEING) {
      allPackets += weight * packets[index(age)];
      allLost += weight * losses[index(age)];
    }
    if (allLost == 0) {
      // Each limit would explain this worse than none does.
      lowerTolerated();
      limit = Double.POSITIVE_INFINITY;
      return;
    }
    for (int at = 0; at < count; at++) {
      logRates[at] = Math.log(rates[at]);
    }
    double loss = Math.max(LEAST_LOSS, allLost / allPackets);
    suppose(loss);
    double fits = likelihood(Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);
    double unlimited = fits - surprise(loss, allPackets);
    double best = Double.NEGATIVE_INFINITY;
    double bestFit = Double.NEGATIVE_INFINITY;
    double bestLimit = Double.POSITIVE_INFINITY;
    for (int step = 0; step < LOSS_STEPS; step++) {
      suppose(Math.max(LEAST_LOSS, loss * step / LOSS_STEPS));
      double unlikely = surprise(own, allPackets);
      double fitToBeat = best + unlikely;
      for (int age = 0; age < count; age++) {
        int at = index(age);
        double carried = rates[at] * (1 - losses[at] / packets[at]);
        double capacity = carried / (1 - Math.min(own, tolerated));
        double fit = likelihood(capacity, fitToBeat);
        if (fit > fitToBeat + TIE) {
          fitToBeat = fit;
          best = fit - unlikely;
          bestFit = fit;
          bestLimit = capacity;
        }
      }
    }
    if (loss > tolerated && fits > bestFit) {
      tolerated = Math.min(MOST_TOLERATED_LOSS, loss * 1.1);
    } else if (loss < tolerated / 2) {
      lowerTolerated();
    }
    limit = best > unlimited + EVIDENCE ? bestLimit : Double.POSITIVE_INFINITY;
  }

  private void lowerTolerated() {
    tolerated = Math.max(USUAL_LOSS, tolerated * AGEING);
  }

  /** From now on the path is supposed to lose such a share by itself. */
  private void suppose(double loss) {
    own = loss;
    logOwn = Math.log(loss);
    logKept = Math.log(1 - loss);
  }

  /**
   * How likely what was seen is, if the path carries so much and loses its own share besides: a sum
   * of logarithms of what is below 1, so that it only falls. The search takes most of its time
   * here, and logarithms most of that.
   *
   * @param enough where the sum has fallen to this it is given up, and told as it is then
   */
  private double likelihood(double capacity, double enough) {
    double logCapacity = Math.log(capacity);
    double sum = 0;
    double weight = 1;
    for (int age = 0; age < count && sum > enough; age++, weight *= AGEING) {
      int at = index(age);
      double logLost = logOwn;
      double logArrived = logKept;
      if (capacity < rates[at]) {
        double arrived = Math.max(LEAST_LOSS, (1 - own) * capacity / rates[at]);
        logArrived = Math.max(LOG_LEAST_LOSS, logKept + logCapacity - logRates[at]);
        logLost = losses[at] > 0 ? Math.log(1 - arrived) : 0;
      }
      sum += weight * (losses[at] * logLost + (packets[at] - losses[at]) * logArrived);
    }
    return sum;
  }

  private double surprise(double loss, double allPackets) {
    return Math.max(0, loss - tolerated) * SURPRISE * allPackets;
  }

  private int index(int age) {
    return Math.floorMod(next - 1 - age, WINDOW);
  }

  /** What the path carries, in bits per second; infinite where loss does not depend on the rate. */
  double limit() {
    return limit;
  }
}
