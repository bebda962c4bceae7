package org.heliograph.media;

import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.heliograph.session.I420Picture;
import org.heliograph.session.Picture;
import org.heliograph.session.Source;

/**
 * A picture that says of itself that it is a test, in place of a camera: the {@linkplain
 * TestPictureCode code} at the top, colour bars, the time of day in digits and a mark that sweeps
 * along the lower edge.
 */
final class TestPicture implements Source<Picture> {
  private static final byte BLACK = 16;
  private static final byte WHITE = (byte) 235;

  /** White, yellow, cyan, green, magenta, red, blue at 75 per cent: Y, U, V of BT.601. */
  private static final int[][] BARS = {
    {180, 128, 128},
    {162, 44, 142},
    {131, 156, 44},
    {112, 72, 58},
    {84, 184, 198},
    {65, 100, 212},
    {35, 212, 114}
  };

  private static final int BARS_TOP_PERCENT = 16;
  private static final int BARS_BOTTOM_PERCENT = 50;
  private static final int SWEEP_MILLIS = 4000;

  private final int width;
  private final int height;
  private final int framesPerSecond;
  private final long aheadMillis;
  private final I420Picture background;
  private final I420Picture picture;
  private final long startNanos = System.nanoTime();

  /** The wall clock at the start; it then runs on with the monotonic clock, without jumps. */
  private final Instant startInstant = Instant.now();

  private final ZoneId zone = ZoneId.systemDefault();
  private long index;

  /**
   * @param number so many million milliseconds is the code ahead; 0 for the time itself
   */
  TestPicture(int width, int height, int framesPerSecond, int number) {
    this.width = width & ~1;
    this.height = height & ~1;
    this.framesPerSecond = framesPerSecond;
    this.aheadMillis = number * 1_000_000L;
    this.background = new I420Picture(this.width, this.height);
    this.picture = new I420Picture(this.width, this.height);
    drawBars(background);
    drawText(background, "HELIOGRAPH TEST PICTURE" + (number == 0 ? "" : " " + number), 56, 8);
  }

  @Override
  public String name() {
    return "test picture";
  }

  @Override
  public Optional<Picture> next() throws InterruptedException {
    long dueNanos = startNanos + index * 1_000_000_000L / framesPerSecond;
    long wait = dueNanos - System.nanoTime();
    if (wait > 0) {
      TimeUnit.NANOSECONDS.sleep(Math.min(wait, 100_000_000));
      if (wait > 100_000_000) {
        return Optional.empty();
      }
    }
    index =
        Math.max(index + 1, (System.nanoTime() - startNanos) * framesPerSecond / 1_000_000_000L);
    draw(startInstant.plusNanos(dueNanos - startNanos));
    return Optional.of(new Picture(dueNanos, picture));
  }

  private void draw(Instant instant) {
    picture.copyFrom(background);
    drawCode((int) ((instant.toEpochMilli() + aheadMillis) % TestPictureCode.MODULUS));
    LocalTime time = LocalTime.ofInstant(instant, zone).truncatedTo(ChronoUnit.MILLIS);
    drawText(
        picture,
        String.format(
            Locale.ROOT, // the font has these digits only
            "%02d:%02d:%02d.%03d",
            time.getHour(),
            time.getMinute(),
            time.getSecond(),
            time.getNano() / 1_000_000),
        70,
        14);
    int sweepWidth = width / 20;
    int left =
        (int) ((width - sweepWidth) * (instant.toEpochMilli() % SWEEP_MILLIS) / SWEEP_MILLIS);
    fillLuma(picture, left, height * 94 / 100, left + sweepWidth, height, WHITE);
  }

  private void drawCode(int millis) {
    for (int row = 0; row < TestPictureCode.ROWS; row++) {
      for (int column = 0; column < TestPictureCode.COLUMNS; column++) {
        fillLuma(
            picture,
            column * width / TestPictureCode.COLUMNS,
            row * height / TestPictureCode.ROWS_IN_HEIGHT,
            (column + 1) * width / TestPictureCode.COLUMNS,
            (row + 1) * height / TestPictureCode.ROWS_IN_HEIGHT,
            TestPictureCode.isWhite(millis, row, column) ? WHITE : BLACK);
      }
    }
  }

  private void drawBars(I420Picture target) {
    int top = height * BARS_TOP_PERCENT / 100 & ~1;
    int bottom = height * BARS_BOTTOM_PERCENT / 100 & ~1;
    for (int bar = 0; bar < BARS.length; bar++) {
      int left = bar * width / BARS.length & ~1;
      int right = (bar + 1) * width / BARS.length & ~1;
      int[] yuv = BARS[bar];
      fill(target.y(), width, left, top, right, bottom, (byte) yuv[0]);
      fill(target.u(), width / 2, left / 2, top / 2, right / 2, bottom / 2, (byte) yuv[1]);
      fill(target.v(), width / 2, left / 2, top / 2, right / 2, bottom / 2, (byte) yuv[2]);
    }
  }

  /**
   * Writes a line in the middle of the picture, as large as the height and the width allow.
   *
   * @param topPercent where its upper edge is, in per cent of the height
   * @param heightPercent how high it may be, in per cent of the height
   */
  private void drawText(I420Picture target, String text, int topPercent, int heightPercent) {
    int letterWidth = PixelFont.WIDTH + 1;
    int byHeight = height * heightPercent / 100 / PixelFont.HEIGHT;
    int byWidth = width * 9 / 10 / (text.length() * letterWidth);
    int dot = Math.max(1, Math.min(byHeight, byWidth));
    int left = Math.max(0, (width - text.length() * letterWidth * dot) / 2);
    int top = height * topPercent / 100;
    for (int i = 0; i < text.length(); i++) {
      for (int y = 0; y < PixelFont.HEIGHT; y++) {
        for (int x = 0; x < PixelFont.WIDTH; x++) {
          if (PixelFont.isInk(text.charAt(i), x, y)) {
            int inkLeft = left + (i * letterWidth + x) * dot;
            int inkTop = top + y * dot;
            fillLuma(target, inkLeft, inkTop, inkLeft + dot, inkTop + dot, WHITE);
          }
        }
      }
    }
  }

  private void fillLuma(I420Picture target, int left, int top, int right, int bottom, byte luma) {
    fill(target.y(), width, left, top, Math.min(right, width), Math.min(bottom, height), luma);
  }

  private static void fill(
      MemorySegment plane, int stride, int left, int top, int right, int bottom, byte value) {
    for (int y = top; y < bottom && left < right; y++) {
      plane.asSlice((long) y * stride + left, right - left).fill(value);
    }
  }

  @Override
  public void close() {
    background.close();
    picture.close();
  }
}
