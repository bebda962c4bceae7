package org.heliograph.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class CameraFormatTest {
  private static final CaptureSettings VGA =
      new CaptureSettings("auto", "auto", 640, 480, 30, 500_000, 32_000);
  private static final CaptureSettings HD =
      new CaptureSettings("auto", "auto", 1280, 720, 30, 500_000, 32_000);

  /** What a usual webcam offers: uncompressed only as fast as USB 2 carries it. */
  private static final List<CameraFormat> WEBCAM =
      List.of(
          new CameraFormat("YUYV", 320, 240, 30),
          new CameraFormat("YUYV", 640, 480, 30),
          new CameraFormat("YUYV", 1280, 720, 10),
          new CameraFormat("MJPG", 640, 480, 30),
          new CameraFormat("MJPG", 1280, 720, 30),
          new CameraFormat("MJPG", 1920, 1080, 30),
          new CameraFormat("H264", 1280, 720, 30));

  @Test
  void theWantedSizeComesUncompressedWhereThatIsFastEnough() {
    assertThat(CameraFormat.best(WEBCAM, VGA)).contains(new CameraFormat("YUYV", 640, 480, 30));
  }

  @Test
  void theWantedRateIsWorthTheCompression() {
    assertThat(CameraFormat.best(WEBCAM, HD)).contains(new CameraFormat("MJPG", 1280, 720, 30));
  }

  @Test
  void aFormatThatCannotBeDecodedIsNotChosen() {
    assertThat(CameraFormat.best(List.of(new CameraFormat("H264", 640, 480, 30)), VGA)).isEmpty();
  }

  @Test
  void aCameraOfAnotherSizeGivesTheNearest() {
    List<CameraFormat> vivid =
        List.of(
            new CameraFormat("YUYV", 320, 180, 60),
            new CameraFormat("YUYV", 640, 360, 40),
            new CameraFormat("YUYV", 1280, 720, 12.5));
    assertThat(CameraFormat.best(vivid, VGA)).contains(new CameraFormat("YUYV", 640, 360, 40));
  }

  @Test
  void theFourLettersOfAFormatAreReadFromItsLowestByte() {
    assertThat(CameraFormat.fourCc(0x56595559)).isEqualTo("YUYV");
    assertThat(CameraFormat.fourCc(0x47504A4D)).isEqualTo("MJPG");
  }

  @Test
  void aFormatReadsAsAPersonSaysIt() {
    assertThat(new CameraFormat("YUYV", 640, 480, 30)).hasToString("640x480 YUYV at 30 fps");
    assertThat(new CameraFormat("MJPG", 1280, 720, 30_000 / 1001.0))
        .hasToString("1280x720 MJPG at 29.97 fps");
    assertThat(new CameraFormat("YUYV", 320, 240, 0)).hasToString("320x240 YUYV");
  }
}
