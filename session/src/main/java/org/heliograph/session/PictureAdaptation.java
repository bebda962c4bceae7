package org.heliograph.session;

/**
 * Fits the frame rate and then the size of a camera's pictures to a bit rate, so that what is left
 * of it for each pixel still makes a good picture; the encoder does the rest.
 *
 * <p>Each {@link Step} of a ladder needs about three bits for two hundred pixels. Down it goes at
 * once where only the frame rate changes, since bits are short; a smaller size, which costs a key
 * frame, has to have been needed for a second, unless the need is dire. Up it goes only when there
 * was clearly more than the next step needs for seconds, and for longer each time that it had to
 * come back down soon, so that it never flaps.
 */
public final class PictureAdaptation {
  /**
   * What to encode.
   *
   * @param width in pixels, even
   * @param height in pixels, even
   * @param framesPerSecond how many pictures
   */
  public record Step(int width, int height, int framesPerSecond) {
    /** Below this the picture is poor, in bits per second. */
    double bitsPerSecond() {
      return BITS_PER_PIXEL * width * height * framesPerSecond;
    }

    boolean hasSizeOf(Step other) {
      return width == other.width && height == other.height;
    }
  }

  private static final double BITS_PER_PIXEL = 0.015;

  /** Size, in eighths of the camera's, and share of its frame rate, each cheaper than the last. */
  private static final double[][] LADDER = {
    {8, 1},
    {8, 2 / 3.0},
    {8, 1 / 2.0},
    {6, 2 / 3.0},
    {6, 1 / 2.0},
    {4, 1},
    {4, 2 / 3.0},
    {4, 1 / 2.0},
    {3, 2 / 3.0},
    {3, 1 / 2.0},
    {2, 1},
    {2, 2 / 3.0},
    {2, 1 / 2.0}
  };

  /** The same for pictures of details, of which none may be lost before most of the movement is. */
  private static final double[][] LADDER_OF_DETAILS = {
    {8, 1},
    {8, 2 / 3.0},
    {8, 1 / 2.0},
    {8, 1 / 3.0},
    {8, 1 / 6.0},
    {6, 1 / 6.0},
    {4, 1 / 3.0},
    {4, 1 / 6.0},
    {3, 1 / 6.0},
    {2, 1 / 3.0},
    {2, 1 / 6.0}
  };

  /** Smaller pictures are not worth the name. */
  private static final int LEAST_WIDTH = 160;

  private static final double DOWN = 0.9;
  private static final double DIRE = 0.5;
  private static final double UP = 1.25;
  private static final long SMALLER_NANOS = 1_000_000_000L;
  private static final long UP_NANOS = 3_000_000_000L;
  private static final long MOST_UP_NANOS = 30_000_000_000L;

  /** Coming down again within this shows that going up was a mistake. */
  private static final long REGRET_NANOS = 15_000_000_000L;

  private static final long NONE = Long.MIN_VALUE;

  private final Step[] steps;
  private int at;
  private long shortSinceNanos = NONE;
  private long plentySinceNanos = NONE;
  private long wentUpNanos = NONE;
  private long patienceNanos = UP_NANOS;

  /** The steps for a camera's pictures. */
  public PictureAdaptation(int width, int height, int framesPerSecond) {
    this(width, height, framesPerSecond, ContentHint.NONE);
  }

  /** The steps for pictures of which something is known. */
  public PictureAdaptation(int width, int height, int framesPerSecond, ContentHint hint) {
    double[][] ladder = hint.keepsSize() ? LADDER_OF_DETAILS : LADDER;
    int usable = 1;
    while (usable < ladder.length && width * ladder[usable][0] / 8 >= LEAST_WIDTH) {
      usable++;
    }
    steps = new Step[usable];
    for (int i = 0; i < usable; i++) {
      double size = ladder[i][0] / 8;
      steps[i] =
          new Step(
              even(width * size),
              even(height * size),
              Math.max(1, (int) Math.round(framesPerSecond * ladder[i][1])));
    }
  }

  private static int even(double length) {
    return Math.max(2, (int) length & ~1);
  }

  /** Whether the steps are for such pictures. */
  public boolean isFor(int width, int height) {
    return steps[0].width() == (width & ~1) && steps[0].height() == (height & ~1);
  }

  /** What to encode now. */
  public Step step() {
    return steps[at];
  }

  /**
   * Takes the encoder's bit rate; to be called for each picture.
   *
   * @return what to encode from now on
   */
  public Step update(int bitsPerSecond, long nowNanos) {
    if (bitsPerSecond < DOWN * step().bitsPerSecond() && at + 1 < steps.length) {
      plentySinceNanos = NONE;
      down(bitsPerSecond, nowNanos);
    } else if (at > 0 && bitsPerSecond >= UP * steps[at - 1].bitsPerSecond()) {
      shortSinceNanos = NONE;
      up(bitsPerSecond, nowNanos);
    } else {
      shortSinceNanos = NONE;
      plentySinceNanos = NONE;
    }
    return step();
  }

  private void down(int bitsPerSecond, long nowNanos) {
    if (shortSinceNanos == NONE) {
      shortSinceNanos = nowNanos;
    }
    boolean sizeToo =
        nowNanos - shortSinceNanos >= SMALLER_NANOS
            || bitsPerSecond < DIRE * step().bitsPerSecond();
    int to = at;
    while (to + 1 < steps.length
        && bitsPerSecond < steps[to].bitsPerSecond()
        && (sizeToo || steps[to + 1].hasSizeOf(steps[at]))) {
      to++;
    }
    if (to == at) {
      return;
    }
    if (wentUpNanos != NONE && nowNanos - wentUpNanos < REGRET_NANOS) {
      patienceNanos = Math.min(MOST_UP_NANOS, 2 * patienceNanos);
    }
    at = to;
    wentUpNanos = NONE;
  }

  private void up(int bitsPerSecond, long nowNanos) {
    if (plentySinceNanos == NONE) {
      plentySinceNanos = nowNanos;
    }
    if (nowNanos - plentySinceNanos < patienceNanos) {
      return;
    }
    while (at > 0 && bitsPerSecond >= UP * steps[at - 1].bitsPerSecond()) {
      at--;
    }
    if (wentUpNanos != NONE && nowNanos - wentUpNanos >= REGRET_NANOS) {
      patienceNanos = UP_NANOS;
    }
    plentySinceNanos = NONE;
    wentUpNanos = nowNanos;
  }
}
