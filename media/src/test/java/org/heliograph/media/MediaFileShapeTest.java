package org.heliograph.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.ffmpeg.ffmpeg;
import org.bytedeco.javacpp.Loader;
import org.heliograph.media.FfmpegDecoder.DecodedPicture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How a file's picture is turned and shaped, and what is told where it has none. */
@Timeout(60)
class MediaFileShapeTest {
  /** Four greys: top left 50, top right 100, bottom left 150, bottom right 200. */
  private static final String QUARTERS =
      "color=black:size=320x160:rate=25,format=yuv420p,geq=lum='50+50*gte(X,W/2)+100*gte(Y,H/2)':cb=128:cr=128";

  @TempDir private static Path directory;

  @BeforeAll
  static void makeFiles() throws Exception {
    ffmpeg("-f lavfi -i", QUARTERS, "-t 0.4 -c:v mpeg4 -q:v 2", directory.resolve("as-is.mp4"));
  }

  /** Words of an argument with a dash in front are arguments each. */
  private static void ffmpeg(Object... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(Loader.load(ffmpeg.class), "-v", "error", "-y"));
    for (Object argument : arguments) {
      String text = argument.toString();
      command.addAll(text.startsWith("-") ? List.of(text.split(" ")) : List.of(text));
    }
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }

  private static LocalDevices devices(Path file) {
    return new LocalDevices(
        new CaptureSettings("file:" + file, "none", 640, 480, 30, 2_000_000, 32_000));
  }

  private static DecodedPicture firstPicture(Path file) throws Exception {
    RecordingListener listener = new RecordingListener();
    try (LocalDevices devices = devices(file);
        CaptureTrack _ = devices.openCamera(listener);
        FfmpegDecoder decoder = FfmpegDecoder.vp8()) {
      return decoder.decodePicture(listener.nextFrame()).orElseThrow();
    }
  }

  /** The greys of the corners: top left, top right, bottom left, bottom right; in fifties. */
  private static String corners(DecodedPicture picture) {
    int left = picture.width() / 8;
    int right = picture.width() - 1 - left;
    int top = picture.height() / 8;
    int bottom = picture.height() - 1 - top;
    return String.join(
        " ",
        Stream.of(
                picture.at(left, top),
                picture.at(right, top),
                picture.at(left, bottom),
                picture.at(right, bottom))
            .map(grey -> Long.toString(Math.round(grey / 50.0)))
            .toList());
  }

  /** FFmpeg's -display_rotation counts degrees against the clock. */
  @ParameterizedTest
  @CsvSource({
    "0,   '',              320, 160, 1 2 3 4",
    "90,  '',              160, 320, 2 4 1 3",
    "180, '',              320, 160, 4 3 2 1",
    "270, '',              160, 320, 3 1 4 2",
    "0,   -display_hflip,  320, 160, 2 1 4 3",
    "0,   -display_vflip,  320, 160, 3 4 1 2",
    "88,  '',              160, 320, 2 4 1 3"
  })
  void theDisplayMatrixIsObeyed(int degrees, String flip, int width, int height, String corners)
      throws Exception {
    Path file = directory.resolve("turned.mp4");
    ffmpeg(
        ("-display_rotation " + degrees + " " + flip).strip(),
        "-i",
        directory.resolve("as-is.mp4"),
        "-c copy",
        file);
    DecodedPicture picture = firstPicture(file);
    assertThat(corners(picture)).isEqualTo(corners);
    assertThat(picture.width()).isEqualTo(width);
    assertThat(picture.height()).isEqualTo(height);
  }

  /** What is turned is fitted into the configured size as it is seen. */
  @Test
  void aTurnedPictureFitsIntoTheSizeThatIsConfigured() throws Exception {
    Path file = directory.resolve("tall.mp4");
    ffmpeg(
        "-f lavfi -i",
        QUARTERS + ",scale=1280:640",
        "-t 0.4 -c:v mpeg4",
        directory.resolve("large.mp4"));
    ffmpeg("-display_rotation 90", "-i", directory.resolve("large.mp4"), "-c copy", file);
    DecodedPicture picture = firstPicture(file);
    assertThat(picture.width()).isEqualTo(240);
    assertThat(picture.height()).isEqualTo(480);
    assertThat(corners(picture)).isEqualTo("2 4 1 3");
  }

  @ParameterizedTest
  @CsvSource({
    "2/1,   640, 160", // rather wider than lower
    "1/2,   320, 320",
    "16/15, 340, 160", // 341 is not even
    "100/1, 320, 160", // no pixel is so wide: an error of the file
  })
  void thePixelsAspectIsObeyed(String aspect, int width, int height) throws Exception {
    Path file = directory.resolve("squeezed.mkv");
    ffmpeg("-f lavfi -i", QUARTERS + ",setsar=" + aspect, "-t 0.4 -c:v ffv1", file);
    DecodedPicture picture = firstPicture(file);
    assertThat(picture.width()).isEqualTo(width);
    assertThat(picture.height()).isEqualTo(height);
    assertThat(corners(picture)).isEqualTo("1 2 3 4");
  }

  /** The sound of this file goes on for a minute after its picture has ended. */
  @Test
  void aFileWhosePictureHasEndedIsTold() throws Exception {
    Path file = directory.resolve("short.mkv");
    ffmpeg(
        "-f lavfi -t 0.4 -i",
        QUARTERS,
        "-f lavfi -t 60 -i",
        "sine",
        "-c:v mpeg4 -c:a pcm_s16le",
        file);
    RecordingListener listener = new RecordingListener();
    try (LocalDevices devices = devices(file);
        CaptureTrack track = devices.openCamera(listener)) {
      listener.nextFrame();
      assertThat(listener.nextLoss())
          .hasMessageContaining(file + " has given no picture for 1 s")
          .hasMessageContaining("as long as its sound");
      assertThat(track.state()).isEqualTo(CaptureTrack.State.LOST);
    }
  }

  /** A picture every two seconds, as in a slide show. */
  @Test
  void aFileWhosePicturesStandForLongGoesOn() throws Exception {
    Path file = directory.resolve("slides.mkv");
    ffmpeg("-f lavfi -i", QUARTERS + ",fps=1/2", "-t 6 -c:v mpeg4", file);
    RecordingListener listener = new RecordingListener();
    try (LocalDevices devices = devices(file);
        CaptureTrack track = devices.openCamera(listener)) {
      for (int i = 0; i < 10; i++) {
        listener.nextFrame();
      }
      assertThat(track.state()).isEqualTo(CaptureTrack.State.ON);
      assertThat(listener.losses).isEmpty();
    }
  }
}
