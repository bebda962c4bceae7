package org.heliograph.webm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every VP8 test vector, muxed, then demuxed and decoded by FFmpeg. */
class Vp8VectorsTest {
  private static final Path VECTORS = Path.of("src/test/resources/vp8");

  @TempDir Path directory;

  static Stream<Path> vectors() throws IOException {
    try (Stream<Path> files = Files.list(VECTORS)) {
      return files.filter(file -> file.toString().endsWith(".ivf")).sorted().toList().stream();
    }
  }

  @Test
  void allSixtyOneVectorsAreThere() throws IOException {
    assertThat(vectors()).hasSize(61);
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void everyFrameDecodesToThePublishedMd5(Path vector) throws IOException {
    List<String> decoded = new ArrayList<>();
    for (CollectingSink.Stream stream : mux(Ivf.read(Files.readAllBytes(vector)))) {
      // FFmpeg's own VP8 decoder warns about the scaling that two vectors ask the display for.
      decoded.addAll(decode(stream, "warning", "libvpx"));
    }
    assertThat(decoded).isEqualTo(published(vector));
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void repeatFramesInBetweenChangeNoFrameForAnyDecoder(Path vector) throws IOException {
    List<EncodedFrame> frames = Ivf.read(Files.readAllBytes(vector));
    List<EncodedFrame> withRepeats = new ArrayList<>();
    List<Boolean> shownFromVector = new ArrayList<>();
    ByteBuffer repeat = null;
    for (EncodedFrame frame : frames) {
      Vp8FrameHeader header = Vp8FrameHeader.parse(frame.payload());
      if (header.keyFrame()) {
        repeat = Vp8RepeatFrame.of(header);
      }
      long timeNanos = withRepeats.size() * 10_000_000L;
      withRepeats.add(new EncodedFrame(timeNanos, frame.key(), frame.payload()));
      withRepeats.add(new EncodedFrame(timeNanos + 5_000_000, false, repeat));
      if (header.shown()) {
        shownFromVector.add(true);
      }
      shownFromVector.add(false);
    }

    for (String decoder : List.of("libvpx", "vp8")) {
      List<String> decoded = new ArrayList<>();
      for (CollectingSink.Stream stream : mux(withRepeats)) {
        decoded.addAll(decode(stream, "error", decoder));
      }
      assertThat(decoded).hasSameSizeAs(shownFromVector);
      List<String> fromVector = new ArrayList<>();
      for (int i = 0; i < decoded.size(); i++) {
        if (shownFromVector.get(i)) {
          fromVector.add(decoded.get(i));
        }
      }
      assertThat(fromVector).as(decoder).isEqualTo(published(vector));
    }
  }

  @Test
  void aRepeatFrameShowsTheLastFrame() throws IOException {
    List<EncodedFrame> frames = Samples.encode(directory).vp8();
    List<EncodedFrame> withRepeats = new ArrayList<>();
    ByteBuffer repeat = Vp8RepeatFrame.of(Vp8FrameHeader.parse(frames.getFirst().payload()));
    for (EncodedFrame frame : frames) {
      withRepeats.add(frame);
      withRepeats.add(new EncodedFrame(frame.timeNanos() + 1_000_000, false, repeat));
    }

    List<String> decoded = decode(mux(withRepeats).getFirst(), "warning", "libvpx");

    assertThat(decoded).hasSize(2 * frames.size());
    for (int i = 0; i < decoded.size(); i += 2) {
      assertThat(decoded.get(i + 1)).isEqualTo(decoded.get(i));
    }
    assertThat(decoded.stream().distinct().count()).isGreaterThan(frames.size() / 2);
  }

  private static List<CollectingSink.Stream> mux(List<EncodedFrame> frames) {
    CollectingSink sink = new CollectingSink();
    WebmMuxer muxer = new WebmMuxer(WebmOptions.live(), sink);
    muxer.begin(List.of(VideoTrack.of(1, VideoCodec.VP8, frames.getFirst().payload())));
    for (EncodedFrame frame : frames) {
      muxer.write(1, frame.timeNanos(), frame.key(), frame.payload());
    }
    return sink.streams;
  }

  private List<String> decode(CollectingSink.Stream stream, String logLevel, String decoder)
      throws IOException {
    Path file = Files.write(directory.resolve("stream.webm"), stream.file());
    String input = "-v " + logLevel + " -c:v " + decoder + " -i " + file;
    Tool.Result result =
        Tool.FFMPEG.run(
            directory,
            (input + " -fps_mode passthrough -enc_time_base 1:1000 -pix_fmt yuv420p -f rawvideo -")
                .split(" ", -1));
    assertThat(result.errors()).isEmpty();
    assertThat(result.exitCode()).isZero();
    int frameSize = i420Size(stream);
    assertThat(result.output().length % frameSize).isZero();
    List<String> md5s = new ArrayList<>();
    for (int start = 0; start < result.output().length; start += frameSize) {
      md5s.add(md5(result.output(), start, frameSize));
    }
    return md5s;
  }

  private static int i420Size(CollectingSink.Stream stream) {
    EbmlElement video = EbmlElement.parse(stream.initSegment()).find("Tracks/TrackEntry/Video");
    int width = (int) video.find("PixelWidth").unsigned();
    int height = (int) video.find("PixelHeight").unsigned();
    return width * height + 2 * ((width + 1) / 2) * ((height + 1) / 2);
  }

  private static List<String> published(Path vector) throws IOException {
    try (Stream<String> lines = Files.lines(Path.of(vector + ".md5"))) {
      return lines.map(line -> line.substring(0, 32)).toList();
    }
  }

  private static String md5(byte[] bytes, int start, int size) {
    try {
      MessageDigest digest = MessageDigest.getInstance("MD5");
      digest.update(bytes, start, size);
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has MD5", e);
    }
  }
}
