package org.heliograph.media;

import static org.bytedeco.ffmpeg.global.avutil.AV_FRAME_DATA_DISPLAYMATRIX;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_side_data;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVFrameSideData;
import org.heliograph.session.I420Picture;

/**
 * How a picture is to be turned to be seen, as its file's display matrix says (ISO 14496-12 8.3.2):
 * a multiple of 90 degrees, mirrored or not. Of any other matrix the nearest of these is taken.
 *
 * @param transposed whether the picture's rows become columns
 * @param fromRight whether what comes first in a source's row, or column where it is transposed,
 *     ends at the right
 * @param fromBottom likewise at the bottom
 */
record Orientation(boolean transposed, boolean fromRight, boolean fromBottom) {
  static final Orientation UPRIGHT = new Orientation(false, false, false);

  private static final long MATRIX_BYTES = 9 * Integer.BYTES;

  /** As the frame says; upright where it says nothing. */
  static Orientation of(AVFrame frame) {
    AVFrameSideData data = av_frame_get_side_data(frame, AV_FRAME_DATA_DISPLAYMATRIX);
    if (data == null || data.isNull() || data.size() < MATRIX_BYTES) {
      return UPRIGHT;
    }
    MemorySegment matrix = MemorySegment.ofAddress(data.data().address()).reinterpret(MATRIX_BYTES);
    return of(entry(matrix, 0), entry(matrix, 1), entry(matrix, 3), entry(matrix, 4));
  }

  private static long entry(MemorySegment matrix, int index) {
    return matrix.getAtIndex(ValueLayout.JAVA_INT_UNALIGNED, index);
  }

  /** A point at (x, y) is seen at (ax + cy, bx + dy). */
  static Orientation of(long a, long b, long c, long d) {
    return Math.abs(a) + Math.abs(d) >= Math.abs(b) + Math.abs(c)
        ? new Orientation(false, a < 0, d < 0)
        : new Orientation(true, c < 0, b < 0);
  }

  /** Turns a picture into another one, whose size is the turned one's. */
  void turn(I420Picture from, I420Picture to) {
    turn(from.y(), to.y(), to.width(), to.height());
    turn(from.u(), to.u(), to.width() / 2, to.height() / 2);
    turn(from.v(), to.v(), to.width() / 2, to.height() / 2);
  }

  private void turn(MemorySegment from, MemorySegment to, int width, int height) {
    int right = transposed ? height : 1;
    int down = transposed ? 1 : width;
    for (int y = 0; y < height; y++) {
      int row = (fromBottom ? height - 1 - y : y) * down;
      for (int x = 0; x < width; x++) {
        int column = (fromRight ? width - 1 - x : x) * right;
        to.set(
            ValueLayout.JAVA_BYTE,
            (long) y * width + x,
            from.get(ValueLayout.JAVA_BYTE, row + column));
      }
    }
  }
}
