package org.heliograph.peer.congestion;

/**
 * Tells whether less is sent than the estimate allows (libwebrtc's application-limited region): a
 * budget of half a second fills at 65 % of the estimate and is emptied by what is sent.
 */
final class ApplicationLimit {
  private static final double USAGE = 0.65;
  private static final double WINDOW_SECONDS = 0.5;
  private static final double BEGIN = 0.8;
  private static final double END = 0.5;

  private double budgetBits;
  private boolean limited;
  private boolean started;
  private long updatedNanos;

  /** Takes a packet that was sent. */
  void onSent(int bytes, double estimate, long nowNanos) {
    update(estimate, nowNanos);
    double window = estimate * USAGE * WINDOW_SECONDS;
    budgetBits = Math.max(-window, budgetBits - 8.0 * bytes);
    judge(window);
  }

  /** Lets time pass. */
  void update(double estimate, long nowNanos) {
    double window = estimate * USAGE * WINDOW_SECONDS;
    if (started) {
      budgetBits =
          Math.min(window, budgetBits + (nowNanos - updatedNanos) / 1e9 * estimate * USAGE);
    }
    started = true;
    updatedNanos = nowNanos;
    judge(window);
  }

  private void judge(double window) {
    if (!limited && budgetBits > BEGIN * window) {
      limited = true;
    } else if (limited && budgetBits < END * window) {
      limited = false;
    }
  }

  boolean limited() {
    return limited;
  }
}
