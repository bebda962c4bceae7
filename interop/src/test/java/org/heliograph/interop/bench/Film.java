package org.heliograph.interop.bench;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import org.heliograph.interop.lab.PictureCode;

/**
 * The picture that each side sends, the same for all: a textured scene that a camera pans over,
 * with a sensor's grain, so that an encoder makes use of every bit it is given and gets along with
 * few; in its upper eighth the code of its time. Not for several threads.
 */
public final class Film {
  public static final int WIDTH = 640;
  public static final int HEIGHT = 360;
  public static final int FRAMES_PER_SECOND = 30;

  /** The codes begin again after so many milliseconds. */
  public static final int CODE_MODULUS = 1 << 24;

  private static final int SCENE_WIDTH = 1024;
  private static final int SCENE_HEIGHT = 768;
  private static final int GRAIN = 1 << 18;
  private static final int GRAIN_STRENGTH = 4;
  private static final double PAN_SECONDS_X = 9;
  private static final double PAN_SECONDS_Y = 13;

  private final byte[] scene = new byte[SCENE_WIDTH * SCENE_HEIGHT];
  private final byte[] grain = new byte[GRAIN];
  private final SplittableRandom random = new SplittableRandom(1);
  private final byte[] luma = new byte[WIDTH * HEIGHT];
  private final byte[] blueDifference = new byte[WIDTH * HEIGHT / 4];
  private final byte[] redDifference = new byte[WIDTH * HEIGHT / 4];

  public Film() {
    paintScene();
    for (int i = 0; i < GRAIN; i++) {
      grain[i] = (byte) random.nextInt(-GRAIN_STRENGTH, GRAIN_STRENGTH + 1);
    }
  }

  /** Noise of several sizes, each half as strong as the one twice as large. */
  private void paintScene() {
    double[] heights = new double[scene.length];
    double strength = 48;
    for (int cell = 128; cell >= 4; cell /= 2) {
      int columns = SCENE_WIDTH / cell + 2;
      double[] knots = random.doubles((long) columns * (SCENE_HEIGHT / cell + 2), -1, 1).toArray();
      for (int y = 0; y < SCENE_HEIGHT; y++) {
        double fy = (double) (y % cell) / cell;
        for (int x = 0; x < SCENE_WIDTH; x++) {
          double fx = (double) (x % cell) / cell;
          int knot = y / cell * columns + x / cell;
          double above = knots[knot] * (1 - fx) + knots[knot + 1] * fx;
          double below = knots[knot + columns] * (1 - fx) + knots[knot + columns + 1] * fx;
          heights[y * SCENE_WIDTH + x] += strength * (above * (1 - fy) + below * fy);
        }
      }
      strength *= 0.6;
    }
    for (int i = 0; i < scene.length; i++) {
      scene[i] = (byte) Math.clamp(Math.round(126 + heights[i]), 24, 228);
    }
  }

  /** The code of a picture that is taken at this instant of {@link System#nanoTime()}. */
  public static int code(long nanos) {
    return (int) Math.floorMod(nanos / 1_000_000, (long) CODE_MODULUS);
  }

  /** Draws the picture of an instant of {@link System#nanoTime()}; its code is that instant. */
  public void draw(long nanos) {
    double seconds = nanos / 1e9;
    int left = pan(seconds / PAN_SECONDS_X, SCENE_WIDTH - WIDTH);
    int top = pan(seconds / PAN_SECONDS_Y, SCENE_HEIGHT - HEIGHT);
    int offset = random.nextInt(GRAIN);
    for (int y = 0; y < HEIGHT; y++) {
      int from = (top + y) * SCENE_WIDTH + left;
      int to = y * WIDTH;
      for (int x = 0; x < WIDTH; x++) {
        luma[to + x] = (byte) ((scene[from + x] & 0xff) + grain[offset + to + x & GRAIN - 1]);
      }
    }
    for (int y = 0; y < HEIGHT / 2; y++) {
      int from = (top / 2 + y) * SCENE_WIDTH + left / 2;
      for (int x = 0; x < WIDTH / 2; x++) {
        int colour = (scene[from + x] & 0xff) / 2;
        blueDifference[y * WIDTH / 2 + x] = (byte) (64 + colour);
        redDifference[y * WIDTH / 2 + x] = (byte) (192 - colour);
      }
    }
    PictureCode.paintCode(ByteBuffer.wrap(luma), WIDTH, WIDTH, HEIGHT, code(nanos));
  }

  private static int pan(double turns, int range) {
    return (int) Math.round((1 + Math.sin(2 * Math.PI * turns)) / 2 * range);
  }

  /** The last picture's brightness, {@link #WIDTH} bytes a row. */
  public byte[] luma() {
    return luma;
  }

  /** Its blue difference, half as wide and high. */
  public byte[] blueDifference() {
    return blueDifference;
  }

  /** Its red difference, half as wide and high. */
  public byte[] redDifference() {
    return redDifference;
  }
}
