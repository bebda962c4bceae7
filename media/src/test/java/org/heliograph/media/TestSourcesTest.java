package org.heliograph.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.heliograph.media.FfmpegDecoder.DecodedPicture;
import org.heliograph.peer.media.MediaFrame;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TestSourcesTest {
  private static CaptureSettings settings(int width, int height, int videoBitsPerSecond) {
    return new CaptureSettings("test", "test:880", width, height, 30, videoBitsPerSecond, 32_000);
  }

  @ParameterizedTest
  @CsvSource({"640,480,300000", "320,240,100000", "1280,720,800000", "426,240,150000"})
  void theCodeSurvivesTheEncoder(int width, int height, int bitsPerSecond) throws Exception {
    RecordingListener listener = new RecordingListener();
    List<Integer> codes = new ArrayList<>();
    try (LocalDevices devices = new LocalDevices(settings(width, height, bitsPerSecond));
        FfmpegDecoder decoder = FfmpegDecoder.vp8();
        CaptureTrack _ = devices.openCamera(listener)) {
      long firstNanos = -1;
      for (int i = 0; i < 30; i++) {
        MediaFrame frame = listener.nextFrame();
        DecodedPicture picture = decoder.decodePicture(frame).orElseThrow();
        OptionalInt code = TestPictureCode.read(picture.width(), picture.height(), picture::at);
        assertThat(code).as("the code of frame %d", i).isPresent();
        firstNanos = i == 0 ? frame.timeNanos() : firstNanos;
        int elapsed = (int) ((frame.timeNanos() - firstNanos) / 1_000_000);
        codes.add(code.getAsInt());
        int coded = Math.floorMod(code.getAsInt() - codes.getFirst(), TestPictureCode.MODULUS);
        assertThat(coded).as("milliseconds since the first").isBetween(elapsed - 1, elapsed + 1);
      }
    }
    assertThat(codes).doesNotHaveDuplicates();
  }

  @Test
  void aNarrowNetworkGetsSmallerPicturesThatBeginWithAKeyFrame() throws Exception {
    RecordingListener listener = new RecordingListener();
    try (LocalDevices devices = new LocalDevices(settings(640, 480, 500_000));
        FfmpegDecoder decoder = FfmpegDecoder.vp8();
        CaptureTrack track = devices.openCamera(listener)) {
      DecodedPicture first = decoder.decodePicture(listener.nextFrame()).orElseThrow();
      track.setBitsPerSecond(60_000);
      MediaFrame frame;
      DecodedPicture picture;
      do {
        frame = listener.nextFrame();
        picture = decoder.decodePicture(frame).orElseThrow();
      } while (picture.width() == first.width());

      assertThat(frame.key()).isTrue();
      assertThat(picture.height()).isEqualTo(first.height() * picture.width() / first.width());
      assertThat(TestPictureCode.read(picture.width(), picture.height(), picture::at)).isPresent();
    }
  }

  @Test
  void theCodeIsTheTimeOfDay() throws Exception {
    RecordingListener listener = new RecordingListener();
    try (LocalDevices devices = new LocalDevices(settings(640, 480, 1_000_000));
        FfmpegDecoder decoder = FfmpegDecoder.vp8();
        CaptureTrack _ = devices.openCamera(listener)) {
      DecodedPicture picture = decoder.decodePicture(listener.nextFrame()).orElseThrow();
      int code = TestPictureCode.read(picture.width(), picture.height(), picture::at).orElseThrow();
      long age = Math.floorMod(System.currentTimeMillis() - code, TestPictureCode.MODULUS);
      assertThat(Duration.ofMillis(age)).isLessThan(Duration.ofSeconds(20));
    }
  }

  @Test
  void aPictureWithoutTheCodeHasNone() {
    assertThat(TestPictureCode.read(640, 480, (x, y) -> 16)).isEmpty();
    assertThat(TestPictureCode.read(640, 480, (x, y) -> 235)).isEmpty();
    assertThat(TestPictureCode.read(640, 480, (x, y) -> (x * 7 + y * 13) & 0xFF)).isEmpty();
  }

  @Test
  void aSingleWrongCellIsFound() {
    for (int wrong = 2; wrong < 18; wrong++) {
      int wrongColumn = wrong;
      OptionalInt code =
          TestPictureCode.read(
              640,
              480,
              (x, y) -> {
                boolean white = TestPictureCode.isWhite(0xABCDEF, y / 30, x / 32);
                return white != (y < 30 && x / 32 == wrongColumn) ? 235 : 16;
              });
      assertThat(code).isEmpty();
    }
  }

  @Test
  void everyTimeIsReadBack() {
    for (int millis : new int[] {0, 1, 0x800000, 0xABCDEF, 0xFFFFFF}) {
      assertThat(
              TestPictureCode.read(
                  320, 240, (x, y) -> TestPictureCode.isWhite(millis, y / 15, x / 16) ? 235 : 16))
          .hasValue(millis);
    }
  }

  @Test
  void theToneKeepsItsFrequencyAndItsTimeLine() throws Exception {
    RecordingListener listener = new RecordingListener();
    try (LocalDevices devices = new LocalDevices(settings(640, 480, 1_000_000));
        FfmpegDecoder decoder = FfmpegDecoder.opus(1);
        CaptureTrack _ = devices.openMicrophone(listener)) {
      long previous = -1;
      int right = 0;
      for (int i = 0; i < 25; i++) {
        MediaFrame frame = listener.nextFrame();
        if (previous >= 0) {
          assertThat(frame.timeNanos() - previous).isEqualTo(20_000_000);
        }
        previous = frame.timeNanos();
        float[] sound = decoder.decodeSound(frame);
        if (Goertzel.strongest(sound) >= 860 && Goertzel.strongest(sound) <= 900) {
          right++;
        }
      }
      // The first packets are the encoder's beginning; a machine under load may lose one or two.
      assertThat(right).as("packets with the right frequency").isGreaterThan(18);
    }
  }
}
