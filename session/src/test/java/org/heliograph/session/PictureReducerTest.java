package org.heliograph.session;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PictureReducerTest {
  /** Brightness rises from left to right, one colour from top to bottom. */
  private static I420Picture slopes(int width, int height) {
    I420Picture picture = new I420Picture(width, height);
    MemorySegment luma = picture.y();
    for (int i = 0; i < width * height; i++) {
      luma.set(JAVA_BYTE, i, (byte) (16 + 220 * (i % width) / width));
    }
    MemorySegment blue = picture.u();
    for (int i = 0; i < width * height / 4; i++) {
      blue.set(JAVA_BYTE, i, (byte) (16 + 220 * (i / (width / 2)) / (height / 2)));
    }
    return picture;
  }

  @ParameterizedTest
  @CsvSource({"480, 360", "320, 240", "240, 180", "160, 120", "226, 170"})
  void thePictureStaysTheSame(int width, int height) {
    try (I420Picture picture = slopes(640, 480);
        I420Picture expected = slopes(width, height);
        PictureReducer reducer = new PictureReducer()) {
      I420Picture reduced = reducer.reduce(picture, width, height);

      assertThat(reduced.hasSizeOf(expected)).isTrue();
      assertThat(largestDifference(reduced.planes(), expected.planes())).isLessThanOrEqualTo(3);
    }
  }

  private static int largestDifference(MemorySegment one, MemorySegment other) {
    int largest = 0;
    for (long i = 0; i < one.byteSize(); i++) {
      int difference = (one.get(JAVA_BYTE, i) & 0xff) - (other.get(JAVA_BYTE, i) & 0xff);
      largest = Math.max(largest, Math.abs(difference));
    }
    return largest;
  }

  @Test
  void aPictureOfTheRightSizeIsNotCopied() {
    try (I420Picture picture = slopes(64, 48);
        PictureReducer reducer = new PictureReducer()) {
      assertThat(reducer.reduce(picture, 64, 48)).isSameAs(picture);
    }
  }
}
