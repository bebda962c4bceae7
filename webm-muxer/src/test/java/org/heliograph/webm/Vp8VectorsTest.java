package org.heliograph.webm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
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
    for (CollectingSink.Stream stream : mux(vector)) {
      decoded.addAll(decode(stream));
    }
    assertThat(decoded).isEqualTo(published(vector));
  }

  private static List<CollectingSink.Stream> mux(Path vector) throws IOException {
    List<EncodedFrame> frames = Ivf.read(Files.readAllBytes(vector));
    CollectingSink sink = new CollectingSink();
    WebmMuxer muxer = new WebmMuxer(WebmOptions.live(), sink);
    muxer.begin(List.of(VideoTrack.of(1, VideoCodec.VP8, frames.getFirst().payload())));
    for (EncodedFrame frame : frames) {
      muxer.write(1, frame.timeNanos(), frame.key(), frame.payload());
    }
    return sink.streams;
  }

  // FFmpeg's own VP8 decoder warns about the scaling that two vectors ask the display for.
  private List<String> decode(CollectingSink.Stream stream) throws IOException {
    Path file = Files.write(directory.resolve("stream.webm"), stream.file());
    Tool.Result result =
        Tool.FFMPEG.run(
            directory,
            ("-v warning -c:v libvpx -i "
                    + file
                    + " -fps_mode passthrough -pix_fmt yuv420p -f rawvideo -")
                .split(" "));
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
