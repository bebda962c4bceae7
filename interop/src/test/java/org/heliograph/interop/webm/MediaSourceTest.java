package org.heliograph.interop.webm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.heliograph.interop.lab.Chromium;
import org.heliograph.interop.lab.Page;
import org.heliograph.interop.lab.PictureCode;
import org.heliograph.interop.lab.SoundServer;
import org.heliograph.interop.lab.Tone;
import org.heliograph.interop.lab.VirtualDisplay;
import org.heliograph.interop.lab.Webview;
import org.heliograph.media.Encoders;
import org.heliograph.session.I420Picture;
import org.heliograph.session.OpusEncoder;
import org.heliograph.session.VideoEncoder;
import org.heliograph.webm.AudioTrack;
import org.heliograph.webm.Track;
import org.heliograph.webm.VideoTrack;
import org.heliograph.webm.Vp8FrameHeader;
import org.heliograph.webm.Vp8RepeatFrame;
import org.heliograph.webm.WebmMuxer;
import org.heliograph.webm.WebmOptions;
import org.heliograph.webm.WebmSink;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The muxer's output in MediaSource of real Chromium and real WebKitGTK: seen by its pixels, heard
 * by its tone.
 */
class MediaSourceTest {
  private static final long PICTURE_NANOS = 40_000_000;
  private static final int PICTURES = 50;
  private static final int HERTZ = 520;
  private static final int VIDEO = 1;
  private static final int AUDIO = 2;
  private static final Duration LIMIT = Duration.ofSeconds(40);

  enum Engine {
    CHROMIUM,
    WEBKIT
  }

  @TempDir static Path site;
  private static VirtualDisplay display;
  private static SoundServer sound;
  private static Chromium chromium;
  private static Webview webview;

  @BeforeAll
  static void openPages() throws Exception {
    Files.writeString(
        site.resolve("index.html"),
        """
        <!doctype html>
        <body style="margin:0">
        <button id="play" style="width:200px;height:60px">play</button><br>
        <video width="320" height="240" playsinline></video>
        <script>%s</script>
        <script>
          const video = document.querySelector('video');
          let error = null;
          let shown = 0;
          let size = null;
          async function play(mime, messages, muted) {
            error = null;
            shown = 0;
            if (!MediaSource.isTypeSupported(mime)) throw new Error('not supported: ' + mime);
            const source = new MediaSource();
            video.muted = muted;
            video.onerror = () => { error = video.error.message || 'code ' + video.error.code; };
            video.src = URL.createObjectURL(source);
            await new Promise((done) => source.addEventListener('sourceopen', done, { once: true }));
            const buffer = source.addSourceBuffer(mime);
            buffer.mode = 'segments';
            buffer.addEventListener('error', () => { error ??= 'append failed'; });
            const playing = video.play().catch((refused) => { error ??= String(refused); });
            const count = (_, frame) => { shown++; size = [frame.width, frame.height]; video.requestVideoFrameCallback(count); };
            video.requestVideoFrameCallback(count);
            for (const message of messages) {
              const bytes = Uint8Array.from(atob(message), (c) => c.charCodeAt(0));
              buffer.appendBuffer(bytes);
              await new Promise((done) => buffer.addEventListener('updateend', done, { once: true }));
            }
            await playing;
            return { ranges: video.buffered.length, end: video.buffered.length ? video.buffered.end(0) : 0 };
          }
        </script>
        """
            .formatted(resource("/picture-code.js")));
    display = new VirtualDisplay();
    sound = new SoundServer();
    chromium =
        new Chromium(sound.environment(), List.of("--autoplay-policy=no-user-gesture-required"));
    chromium.open(site.resolve("index.html").toUri().toString());
    Map<String, String> environment = new HashMap<>(display.environment());
    environment.putAll(sound.environment());
    webview = new Webview(environment, site, "wails://wails/index.html");
  }

  @AfterAll
  static void closePages() {
    for (AutoCloseable part : new AutoCloseable[] {webview, chromium, sound, display}) {
      if (part != null) {
        try {
          part.close();
        } catch (Exception e) {
          System.err.println("while closing " + part + ": " + e);
        }
      }
    }
  }

  private static String resource(String name) throws java.io.IOException {
    try (var stream = MediaSourceTest.class.getResourceAsStream(name)) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static Page page(Engine engine) {
    return engine == Engine.CHROMIUM ? chromium : webview;
  }

  @ParameterizedTest
  @EnumSource
  void pictureAlone(Engine engine) throws Exception {
    Stream stream = new Stream();
    stream.begin(List.of(VideoTrack.vp8(VIDEO, 320, 240)), 0);
    stream.pictures(320, 240, 0, PICTURES);
    JsonNode buffered = play(engine, stream, true);
    assertThat(buffered.path("ranges").asInt()).isEqualTo(1);
    assertPlaysUpTo(engine, PICTURES - 1);
    assertThat(page(engine).evaluate("return shown").asInt()).isGreaterThan(PICTURES / 2);
  }

  @ParameterizedTest
  @EnumSource
  void soundAlone(Engine engine) throws Exception {
    Stream stream = new Stream();
    stream.begin(List.of(new AudioTrack(AUDIO, 1, AudioTrack.LIBOPUS_PRE_SKIP)), 0);
    stream.sound(0, 250);
    assertThat(toneHeardWhilePlaying(engine, stream).hertz()).isCloseTo(HERTZ, within(4.0));
    assertNoError(engine);
  }

  @ParameterizedTest
  @EnumSource
  void pictureAndSound(Engine engine) throws Exception {
    Stream stream = new Stream();
    stream.begin(both(320, 240), 0);
    for (int second = 0; second < 5; second++) {
      stream.pictures(320, 240, second * 25, 25);
      stream.sound(second * 50, 50);
    }
    assertThat(toneHeardWhilePlaying(engine, stream).hertz()).isCloseTo(HERTZ, within(4.0));
    assertPlaysUpTo(engine, 124);
  }

  @ParameterizedTest
  @EnumSource
  void pictureOfAnotherSizeFromAKeyFrameOn(Engine engine) throws Exception {
    Stream stream = new Stream();
    stream.begin(List.of(VideoTrack.vp8(VIDEO, 320, 240)), 0);
    stream.pictures(320, 240, 0, 25);
    play(engine, stream, true);
    assertPlaysUpTo(engine, 24);
    stream.messages.clear();
    stream.pictures(160, 120, 25, 25);
    assertThat(stream.inits).isEqualTo(2);
    play(engine, stream, true);
    assertPlaysUpTo(engine, 49);
    assertThat(page(engine).evaluate("return size").toString()).isEqualTo("[160,120]");
  }

  @ParameterizedTest
  @EnumSource
  void soundThatBeginsLate(Engine engine) throws Exception {
    Stream stream = new Stream();
    stream.begin(List.of(VideoTrack.vp8(VIDEO, 320, 240)), 0);
    stream.pictures(320, 240, 0, 25);
    play(engine, stream, true);
    assertPlaysUpTo(engine, 24);
    stream.messages.clear();
    stream.begin(both(320, 240), 25);
    stream.pictures(320, 240, 25, 100);
    stream.sound(50, 200);
    assertThat(toneHeardWhilePlaying(engine, stream).hertz()).isCloseTo(HERTZ, within(4.0));
    assertPlaysUpTo(engine, 124);
  }

  @ParameterizedTest
  @EnumSource
  void slowPictureThatIsRepeatedInBetweenAndSoundThatIsMissing(Engine engine) throws Exception {
    Stream stream = new Stream();
    stream.begin(both(320, 240), 0);
    stream.slowPictures(320, 240, PICTURES, 5);
    stream.sound(0, 40);
    stream.missingSound(40, 20);
    stream.sound(60, 40);
    JsonNode buffered = play(engine, stream, true);
    assertThat(buffered.path("ranges").asInt()).as("no gap").isEqualTo(1);
    assertPlaysUpTo(engine, PICTURES - 5);
  }

  private static List<Track> both(int width, int height) {
    return List.of(
        VideoTrack.vp8(VIDEO, width, height),
        new AudioTrack(AUDIO, 1, AudioTrack.LIBOPUS_PRE_SKIP));
  }

  private JsonNode play(Engine engine, Stream stream, boolean muted) {
    return page(engine).evaluate("return " + stream.playCall(muted));
  }

  private Tone toneHeardWhilePlaying(Engine engine, Stream stream) throws Exception {
    Page page = page(engine);
    // The engine wants a real click before it lets sound out.
    page.evaluate(
        "document.getElementById('play').onclick = () => { globalThis.played = "
            + stream.playCall(false)
            + "; }");
    if (engine == Engine.WEBKIT) {
      display.click(100, 30);
    } else {
      page.click("#play");
    }
    page.await("globalThis.played && await played && video.currentTime > 0.3", LIMIT);
    float[] heard = sound.listen(Duration.ofSeconds(1));
    page.evaluate("globalThis.played = undefined");
    return Tone.strongest(heard, SoundServer.SAMPLE_RATE);
  }

  private void assertPlaysUpTo(Engine engine, int code) {
    // With sound, Chromium holds the last pictures back until more comes, because the stream has
    // not ended.
    page(engine).await("pictureCode.read(video) >= " + (code - 5), LIMIT);
    assertNoError(engine);
  }

  private void assertNoError(Engine engine) {
    assertThat(page(engine).evaluate("return error").isNull())
        .as(() -> "error of the player: " + page(engine).evaluate("return error"))
        .isTrue();
  }

  /** A stream of pictures that carry their number, and of a tone. */
  private static final class Stream implements WebmSink {
    private final List<String> messages = new ArrayList<>();
    private final WebmMuxer muxer = new WebmMuxer(WebmOptions.live(), this);
    private int inits;
    private String mime;

    void begin(List<? extends Track> tracks, int firstPicture) {
      muxer.begin(tracks, firstPicture * PICTURE_NANOS);
    }

    @Override
    public void initSegment(String mime, ByteBuffer segment) {
      this.mime = mime;
      inits++;
      cluster(segment);
    }

    @Override
    public void cluster(ByteBuffer cluster) {
      byte[] bytes = new byte[cluster.remaining()];
      cluster.get(bytes);
      messages.add(Base64.getEncoder().encodeToString(bytes));
    }

    void pictures(int width, int height, int first, int count) throws Exception {
      try (VideoEncoder encoder =
              Encoders.openVp8(new VideoEncoder.Settings(width, height, 25, 400_000, false));
          I420Picture picture = new I420Picture(width, height)) {
        for (int i = first; i < first + count; i++) {
          PictureCode.paint(picture.y().asByteBuffer(), width, width, height, i);
          var frame = encoder.encode(picture, i * PICTURE_NANOS, i == first).orElseThrow();
          muxer.write(VIDEO, frame.timeNanos(), frame.key(), frame.payload());
        }
      }
    }

    /** Encodes every so manieth picture, and repeats the last one where another one is left out. */
    void slowPictures(int width, int height, int count, int step) throws Exception {
      try (VideoEncoder encoder =
              Encoders.openVp8(new VideoEncoder.Settings(width, height, 5, 400_000, false));
          I420Picture picture = new I420Picture(width, height)) {
        ByteBuffer repeat = null;
        for (int i = 0; i < count; i++) {
          if (i % step != 0) {
            muxer.write(VIDEO, i * PICTURE_NANOS, false, repeat);
            continue;
          }
          PictureCode.paint(picture.y().asByteBuffer(), width, width, height, i);
          var frame = encoder.encode(picture, i * PICTURE_NANOS, i == 0).orElseThrow();
          muxer.write(VIDEO, frame.timeNanos(), frame.key(), frame.payload());
          if (frame.key()) {
            repeat = Vp8RepeatFrame.of(Vp8FrameHeader.parse(frame.payload()));
          }
        }
      }
    }

    /** Packets of one empty frame: full band, 20 ms, one channel (RFC 6716 3.1). */
    void missingSound(int first, int count) {
      ByteBuffer missing = ByteBuffer.wrap(new byte[] {(byte) 0xf8});
      for (int i = first; i < first + count; i++) {
        muxer.write(AUDIO, i * OpusEncoder.FRAME_NANOS, true, missing);
      }
    }

    void sound(int first, int count) throws Exception {
      try (OpusEncoder encoder =
          Encoders.openOpus(new OpusEncoder.Settings(1, 32_000, false, 0, false))) {
        short[] samples = new short[960];
        for (int i = first; i < first + count; i++) {
          for (int n = 0; n < samples.length; n++) {
            samples[n] = (short) (9000 * Math.sin(2 * Math.PI * HERTZ * (i * 960L + n) / 48_000.0));
          }
          var frame = encoder.encode(samples, i * OpusEncoder.FRAME_NANOS);
          muxer.write(AUDIO, frame.timeNanos(), true, frame.payload());
        }
      }
    }

    String playCall(boolean muted) {
      return "play(%s, %s, %s)"
          .formatted(Page.quote(mime), messages.stream().map(Page::quote).toList(), muted);
    }
  }
}
