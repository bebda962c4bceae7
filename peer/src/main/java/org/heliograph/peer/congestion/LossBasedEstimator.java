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
  private static final double USUAL_LOSS = 0.10;
  private static final double MOST_TOLERATED_LOSS = 0.5;

  /** What loss above the tolerated counts against an explanation, for each packet and unit. */
  private static final double SURPRISE = 0.12;

  /** A limit has to explain so much better, in units of log likelihood. */
  private static final double EVIDENCE = 3;

  private static final int LOSS_STEPS = 6;

  private final double[] rates = new double[WINDOW];
  private final double[] packets = new double[WINDOW];
  private final double[] losses = new double[WINDOW];
  private int count;
  private int next;
  private boolean open;
  private long openedNanos;
  private long openPackets;
  private long openLost;
  private long openBytes;
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
    double loss = Math.max(LEAST_LOSS, allLost / allPackets);
    double fits = likelihood(Double.POSITIVE_INFINITY, loss);
    double unlimited = fits - surprise(loss, allPackets);
    double best = Double.NEGATIVE_INFINITY;
    double bestFit = Double.NEGATIVE_INFINITY;
    double bestLimit = Double.POSITIVE_INFINITY;
    for (int age = 0; age < count; age++) {
      int at = index(age);
      double carried = rates[at] * (1 - losses[at] / packets[at]);
      for (int step = 0; step < LOSS_STEPS; step++) {
        double own = Math.max(LEAST_LOSS, loss * step / LOSS_STEPS);
        double capacity = carried / (1 - Math.min(own, tolerated));
        double fit = likelihood(capacity, own);
        double likelihood = fit - surprise(own, allPackets);
        if (likelihood > best) {
          best = likelihood;
          bestFit = fit;
          bestLimit = capacity;
        }
      }
    }
    if (loss > tolerated && fits > bestFit) {
      tolerated = Math.min(MOST_TOLERATED_LOSS, loss * 1.1);
    } else if (loss < tolerated / 2) {
      tolerated = Math.max(USUAL_LOSS, tolerated * AGEING);
    }
    limit = best > unlimited + EVIDENCE ? bestLimit : Double.POSITIVE_INFINITY;
  }

  /** How likely what was seen is, if the path carries so much and loses a share besides. */
  private double likelihood(double capacity, double own) {
    double sum = 0;
    double weight = 1;
    for (int age = 0; age < count; age++, weight *= AGEING) {
      int at = index(age);
      double excess = Math.max(0, 1 - capacity / rates[at]);
      double loss = Math.clamp(own + (1 - own) * excess, LEAST_LOSS, 1 - LEAST_LOSS);
      sum +=
          weight * (losses[at] * Math.log(loss) + (packets[at] - losses[at]) * Math.log(1 - loss));
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
