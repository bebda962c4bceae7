package org.heliograph.interop.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class PictureCodeTest {
  @Test
  void aPaintedCodeIsReadBackWhateverThePicturesSize() {
    for (int width : new int[] {160, 176, 320, 640, 1280}) {
      int height = width * 3 / 4;
      ByteBuffer luma = ByteBuffer.allocate(width * height);
      for (int value : new int[] {0, 1, 0x5a5a5a, 0xffffff}) {
        PictureCode.paint(luma, width, width, height, value);
        assertThat(PictureCode.read(luma, width, width, height)).isEqualTo(value);
      }
    }
  }

  @Test
  void aGreyPictureHasNoCode() {
    assertThat(PictureCode.read(ByteBuffer.allocate(320 * 240), 320, 320, 240)).isEqualTo(-1);
  }
}
