package org.heliograph.session;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Makes pictures smaller: halves them, averaging four pixels, as often as that fits, and goes the
 * rest of the way by linear interpolation. Its buffers and the picture that it gives are used
 * again.
 */
public final class PictureReducer implements AutoCloseable {
  private I420Picture reduced;
  private byte[] plane = new byte[0];
  private byte[] other = new byte[0];

  /**
   * A smaller picture of the same.
   *
   * @param width at most that of the picture, even
   * @param height at most that of the picture, even
   * @return the picture itself where it has that size, else one that is valid until the next call
   */
  public I420Picture reduce(I420Picture picture, int width, int height) {
    if (picture.width() == width && picture.height() == height) {
      return picture;
    }
    if (reduced == null || reduced.width() != width || reduced.height() != height) {
      close();
      reduced = new I420Picture(width, height);
    }
    int fromWidth = picture.width();
    int fromHeight = picture.height();
    reduce(picture.y(), fromWidth, fromHeight, reduced.y(), width, height);
    reduce(picture.u(), fromWidth / 2, fromHeight / 2, reduced.u(), width / 2, height / 2);
    reduce(picture.v(), fromWidth / 2, fromHeight / 2, reduced.v(), width / 2, height / 2);
    return reduced;
  }

  private void reduce(
      MemorySegment from, int fromWidth, int fromHeight, MemorySegment to, int width, int height) {
    int size = fromWidth * fromHeight;
    if (plane.length < size) {
      plane = new byte[size];
      other = new byte[size];
    }
    MemorySegment.copy(from, ValueLayout.JAVA_BYTE, 0, plane, 0, size);
    while (fromWidth >= 2 * width && fromHeight >= 2 * height) {
      halve(plane, fromWidth, other, fromWidth / 2, fromHeight / 2);
      swap();
      fromWidth /= 2;
      fromHeight /= 2;
    }
    if (fromWidth != width || fromHeight != height) {
      interpolate(plane, fromWidth, fromHeight, other, width, height);
      swap();
    }
    MemorySegment.copy(plane, 0, to, ValueLayout.JAVA_BYTE, 0, width * height);
  }

  private void swap() {
    byte[] result = other;
    other = plane;
    plane = result;
  }

  private static void halve(byte[] from, int stride, byte[] to, int width, int height) {
    for (int y = 0; y < height; y++) {
      int upper = 2 * y * stride;
      int lower = upper + stride;
      for (int x = 0; x < width; x++) {
        int sum =
            (from[upper + 2 * x] & 0xff)
                + (from[upper + 2 * x + 1] & 0xff)
                + (from[lower + 2 * x] & 0xff)
                + (from[lower + 2 * x + 1] & 0xff);
        to[y * width + x] = (byte) ((sum + 2) >> 2);
      }
    }
  }

  /** Positions are pixels' centres, in 1/256 of a pixel. */
  private static void interpolate(
      byte[] from, int fromWidth, int fromHeight, byte[] to, int width, int height) {
    for (int y = 0; y < height; y++) {
      int row = position(y, height, fromHeight);
      int upper = (row >> 8) * fromWidth;
      int lower = Math.min((row >> 8) + 1, fromHeight - 1) * fromWidth;
      int down = row & 0xff;
      for (int x = 0; x < width; x++) {
        int column = position(x, width, fromWidth);
        int left = column >> 8;
        int right = Math.min(left + 1, fromWidth - 1);
        int across = column & 0xff;
        int above =
            (from[upper + left] & 0xff) * (256 - across) + (from[upper + right] & 0xff) * across;
        int below =
            (from[lower + left] & 0xff) * (256 - across) + (from[lower + right] & 0xff) * across;
        to[y * width + x] = (byte) ((above * (256 - down) + below * down + (1 << 15)) >> 16);
      }
    }
  }

  private static int position(int index, int length, int fromLength) {
    return Math.max(0, (int) (128L * (2 * index + 1) * fromLength / length) - 128);
  }

  @Override
  public void close() {
    if (reduced != null) {
      reduced.close();
      reduced = null;
    }
  }
}
