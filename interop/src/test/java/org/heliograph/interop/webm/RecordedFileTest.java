package org.heliograph.interop.webm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.heliograph.interop.lab.Chromium;
import org.heliograph.interop.lab.PictureCode;
import org.heliograph.media.Encoders;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.session.I420Picture;
import org.heliograph.session.OpusEncoder;
import org.heliograph.session.VideoEncoder;
import org.heliograph.webm.AudioTrack;
import org.heliograph.webm.VideoTrack;
import org.heliograph.webm.WebmFile;
import org.heliograph.webm.WebmFileOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The muxer's files in real Chromium, which is to play them to their end and to show exactly the
 * picture that is sought: each carries its number.
 */
class RecordedFileTest {
  private static final long PICTURE_NANOS = 40_000_000;
  private static final int PICTURES = 250;
  private static final int FIRST_SMALL = 125;

  @TempDir static Path site;
  private static RangeServer server;
  private static Chromium chromium;

  @BeforeAll
  static void open() throws Exception {
    write(site.resolve("closed.webm"), true);
    write(site.resolve("crashed.webm"), false);
    byte[] whole = Files.readAllBytes(site.resolve("crashed.webm"));
    Files.write(site.resolve("torn.webm"), Arrays.copyOf(whole, whole.length * 2 / 3));
    try (var script = RecordedFileTest.class.getResourceAsStream("/picture-code.js")) {
      Files.writeString(
          site.resolve("index.html"),
          """
          <!doctype html>
          <video width="320" height="240" muted playsinline></video>
          <script>%s</script>
          <script>
            const video = document.querySelector('video');
            const happened = (name) => new Promise((done, failed) => {
              video.addEventListener(name, done, { once: true });
              video.addEventListener('error', () => failed(new Error(video.error.message)), { once: true });
            });
            async function load(file) {
              video.src = file;
              await happened('loadeddata');
              return { duration: video.duration, seekable: video.seekable.length ? video.seekable.end(0) : 0 };
            }
            /**
             * What is shown, as soon as it is right, or still after ten seconds. Picture and size come after the
             * events, each by itself, and no event tells of both.
             */
            async function shows(right) {
              const late = performance.now() + 10_000;
              for (;;) {
                const shown = { picture: pictureCode.read(video), width: video.videoWidth };
                if (right(shown) || performance.now() > late) return shown;
                await new Promise((done) => setTimeout(done, 20));
              }
            }
            async function seek(seconds, picture, width) {
              const seeked = happened('seeked');
              video.currentTime = seconds;
              await seeked;
              return shows((shown) => shown.picture === picture && shown.width === width);
            }
            async function playToTheEnd(least) {
              const ended = happened('ended');
              await video.play();
              await ended;
              return { ...await shows(({ picture }) => picture >= least), time: video.currentTime };
            }
          </script>
          """
              .formatted(new String(script.readAllBytes(), StandardCharsets.UTF_8)));
    }
    server = new RangeServer(site);
    chromium = new Chromium(Map.of(), List.of());
    chromium.open(server.url("index.html"));
  }

  @AfterAll
  static void close() {
    chromium.close();
    server.close();
  }

  /** Ten seconds: the first five of 320x240, the others of 160x120; a key frame each second. */
  private static void write(Path path, boolean close) throws Exception {
    try (FileChannel channel =
            FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        OpusEncoder sound =
            Encoders.openOpus(new OpusEncoder.Settings(2, 32_000, false, 0, false));
        VideoEncoder large = encoder(320, 240);
        VideoEncoder small = encoder(160, 120)) {
      WebmFile file = new WebmFile(channel, WebmFileOptions.defaults());
      file.addTrack(VideoTrack.vp8(1, 320, 240), "Picture");
      file.addTrack(AudioTrack.opus(2, 2), "Sound");
      for (int i = 0; i < PICTURES; i++) {
        boolean isLarge = i < FIRST_SMALL;
        MediaFrame picture = isLarge ? encode(large, 320, 240, i) : encode(small, 160, 120, i);
        file.write(1, picture.timeNanos(), picture.key(), picture.payload());
        for (int packet = 0; packet < 2; packet++) {
          long nanos = i * PICTURE_NANOS + packet * OpusEncoder.FRAME_NANOS;
          file.write(2, nanos, true, sound.encode(new short[1920], nanos).payload());
        }
      }
      if (close) {
        file.close();
      }
    }
  }

  private static VideoEncoder encoder(int width, int height) throws Exception {
    // So much that the encoder leaves no picture out.
    return Encoders.openVp8(new VideoEncoder.Settings(width, height, 25, 4_000_000, false));
  }

  private static MediaFrame encode(VideoEncoder encoder, int width, int height, int number)
      throws Exception {
    try (I420Picture picture = new I420Picture(width, height)) {
      PictureCode.paint(picture.y().asByteBuffer(), width, width, height, number);
      return encoder.encode(picture, number * PICTURE_NANOS, number % 25 == 0).orElseThrow();
    }
  }

  private static JsonNode load(String file) throws IOException {
    return chromium.evaluate("return await load('" + file + "')");
  }

  private static void assertShowsExactlyWhatIsSought(int... pictures) {
    for (int picture : pictures) {
      int width = picture < FIRST_SMALL ? 320 : 160;
      JsonNode shown =
          chromium.evaluate(
              "return await seek(%.3f, %d, %d)".formatted((picture + 0.5) * 0.04, picture, width));
      assertThat(shown.path("picture").asInt()).isEqualTo(picture);
      assertThat(shown.path("width").asInt()).isEqualTo(width);
    }
  }

  @Test
  void aFileIsSoughtExactlyAlsoAcrossAChangeOfItsSize() throws Exception {
    JsonNode loaded = load("closed.webm");
    assertThat(loaded.path("duration").asDouble()).isCloseTo(10, within(0.02));
    assertThat(loaded.path("seekable").asDouble()).isCloseTo(10, within(0.02));
    assertShowsExactlyWhatIsSought(200, 7, 124, 125, 33, 248, 0, 99);
  }

  @Test
  void aFileIsPlayedToItsEnd() throws Exception {
    load("closed.webm");
    assertShowsExactlyWhatIsSought(190);
    JsonNode end = chromium.evaluate("return await playToTheEnd(%d)".formatted(PICTURES - 2));
    assertThat(end.path("picture").asInt()).isBetween(PICTURES - 2, PICTURES - 1);
    assertThat(end.path("time").asDouble()).isCloseTo(10, within(0.05));
  }

  @Test
  void aFileThatACrashHasLeftIsSoughtAndPlayedToo() throws Exception {
    JsonNode loaded = load("crashed.webm");
    assertThat(loaded.path("duration").asDouble()).isBetween(8.9, 10.0);
    assertShowsExactlyWhatIsSought(180, 60, 124, 126);
    assertThat(chromium.evaluate("return await playToTheEnd(221)").path("picture").asInt())
        .isGreaterThan(220);
  }

  @Test
  void aTornFileIsShownUpToItsEnd() throws Exception {
    load("torn.webm");
    assertShowsExactlyWhatIsSought(60, 7, 110);
  }
}
