package org.heliograph.webm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files, judged, decoded and sought in by programs that no one here wrote. */
class FileValidatorsTest {
  private static final WebmFileOptions OPTIONS =
      WebmFileOptions.defaults()
          .withClusterDuration(Duration.ofMillis(400))
          .withTitle("A call with bert")
          .withDate(Instant.parse("2026-03-01T10:00:00Z"));

  @TempDir static Path directory;

  private static Samples samples;

  /** One track's frames. */
  private record Input(Track track, String name, List<EncodedFrame> frames) {}

  /** One kind of file. */
  record Kind(String name, List<VideoCodec> video, int sounds) {
    @Override
    public String toString() {
      return name;
    }
  }

  @BeforeAll
  static void encodeSamples() throws IOException {
    samples = Samples.encode(directory);
  }

  static Stream<Kind> kinds() {
    List<Kind> kinds = new ArrayList<>();
    kinds.add(new Kind("opus", List.of(), 1));
    for (VideoCodec codec : VideoCodec.values()) {
      kinds.add(new Kind(codec.name(), List.of(codec), 0));
      kinds.add(new Kind(codec + " and opus", List.of(codec), 1));
    }
    kinds.add(new Kind("both sides", List.of(VideoCodec.VP9, VideoCodec.VP8), 2));
    return kinds.stream();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void ffprobeFindsEveryPacketTheNamesTheStartAndTheDuration(Kind kind) throws IOException {
    Path file = mux(kind, true);

    Tool.Result result =
        run(
            Tool.FFPROBE,
            "-v warning -count_packets -show_entries"
                + " format=start_time,duration:format_tags:stream=codec_name,nb_read_packets:stream_tags",
            file);

    assertThat(result.errors()).isEmpty();
    assertThat(result.text())
        .contains("TAG:title=A call with bert", "TAG:creation_time=2026-03-01T10:00:00.000000Z")
        .containsPattern("duration=(2\\.0|1\\.99)");
    // Of Opus, players leave the encoder's delay out: it starts that much before 0.
    assertThat(result.text())
        .contains(kind.sounds() > 0 ? "start_time=-0.007" : "start_time=0.000000");
    for (Input input : inputs(kind)) {
      assertThat(result.text())
          .contains("TAG:title=" + input.name(), "nb_read_packets=" + input.frames().size());
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void ffmpegDecodesEveryFrameWithoutAWarning(Kind kind) throws IOException {
    Tool.Result result = decode(mux(kind, true), "-map 0");

    assertThat(result.errors()).isEmpty();
    assertThat(result.exitCode()).isZero();
    for (int i = 0; i < kind.video().size(); i++) {
      assertThat(frames(result, i)).hasSize(samples.of(kind.video().get(i)).size());
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void mkvtoolnixReadsAndCopiesItWithoutAWarning(Kind kind) throws IOException {
    Path file = mux(kind, true);

    Tool.Result information = run(Tool.MKVINFO, "--ui-language en_US --all", file);
    Path copy = directory.resolve("copy.webm");
    Tool.Result merged = run(Tool.MKVMERGE, "--ui-language en_US --webm -o " + copy, file);

    assertThat(information.exitCode()).isZero();
    assertThat(information.errors()).isEmpty();
    assertThat(information.text())
        .doesNotContainIgnoringCase("warn")
        .doesNotContain("Unknown element")
        .contains("+ Seek head", "+ Cues", "Cue relative position");
    long blocks = information.text().lines().filter(line -> line.contains("Simple block")).count();
    assertThat(blocks).isEqualTo(inputs(kind).stream().mapToLong(i -> i.frames().size()).sum());
    assertThat(merged.exitCode()).as(merged.text()).isZero();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void webmInfoReadsEveryBlockWithoutAWarning(Kind kind) throws IOException {
    Tool.Result result = run(Tool.WEBM_INFO, "-all -i", mux(kind, true));

    assertThat(result.exitCode()).isZero();
    assertThat(result.errors()).isEmpty();
    long blocks = result.text().lines().filter(line -> line.contains(" Block: type:")).count();
    assertThat(blocks).isEqualTo(inputs(kind).stream().mapToLong(i -> i.frames().size()).sum());
  }

  @ParameterizedTest
  @EnumSource
  void ffmpegSeeksExactlyToAnyPicture(VideoCodec codec) throws IOException {
    Path file = mux(new Kind("seek " + codec, List.of(codec), 1), true);

    List<String> all = frames(decode(file, "-map 0:v"), 0);
    for (int picture : new int[] {29, 3, 15, 22, 0, 14}) {
      // Half a picture before its time, so that no rounding decides.
      double seconds = Math.max(0, (picture - 0.5) / 15);
      String arguments =
          "-v error -ss %.4f -i %s -map 0:v -frames:v 1 -fps_mode passthrough -f framecrc -"
              .formatted(seconds, file);
      Tool.Result sought = Tool.FFMPEG.run(directory, arguments.split(" ", -1));
      assertThat(frames(sought, 0)).containsExactly(all.get(picture));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theIndexLeadsToTheKeyFrameBefore(boolean closed) throws IOException {
    Path file = mux(new Kind("index", List.of(VideoCodec.VP8), 1), closed);

    for (double seconds : new double[] {0.4, 1.2, 1.8}) {
      Tool.Result result =
          run(
              Tool.FFPROBE,
              "-v warning -select_streams v -read_intervals %.1f%%+#1 -show_entries packet=pts_time,flags"
                  .formatted(seconds),
              file);
      String keyFrame = seconds < 1 ? "pts_time=0.000000" : "pts_time=1.000000";
      assertThat(result.text()).contains(keyFrame, "flags=K");
    }
  }

  @Test
  void aFileThatWasNeverClosedPlaysAndHasItsDuration() throws IOException {
    Path file = mux(new Kind("not closed", List.of(VideoCodec.VP8), 1), false);

    Tool.Result result = decode(file, "-map 0");
    Tool.Result probed = run(Tool.FFPROBE, "-v warning -show_entries format=duration", file);
    Tool.Result checked = run(Tool.WEBM_INFO, "-all -i", file);

    assertThat(result.errors()).isEmpty();
    // What was collected last is lost: a cluster at most.
    assertThat(frames(result, 0)).hasSizeBetween(30 - 7, 30);
    assertThat(probed.text()).containsPattern("duration=1\\.[6-9]");
    assertThat(probed.errors()).isEmpty();
    assertThat(checked.exitCode()).isZero();
  }

  @Test
  void aFileThatEndsAtAnyByteIsDecodedUpToThere() throws IOException {
    byte[] whole = Files.readAllBytes(mux(new Kind("torn", List.of(VideoCodec.VP8), 1), false));
    int front = 4096 + OPTIONS.indexBytes();
    Random random = new Random(7);
    int[] lengths = random.ints(12, front + 100, whole.length).sorted().toArray();
    for (int length : lengths) {
      byte[] torn = Arrays.copyOf(whole, length);
      Path file = Files.write(directory.resolve("torn.webm"), torn);
      long expected =
          EbmlElement.parseTorn(torn).all("Cluster/SimpleBlock").stream()
              .filter(block -> block.block().track() == 1)
              .count();

      assertThat(frames(decode(file, "-map 0:v"), 0))
          .as("%d of %d bytes", length, whole.length)
          .hasSizeGreaterThanOrEqualTo((int) expected);
    }
  }

  @Test
  void ffmpegDecodesAPictureThatChangesItsSize() throws IOException {
    Path file = directory.resolve("sizes.webm");
    List<EncodedFrame> small = samples.vp8();
    List<EncodedFrame> large = Samples.vp8(directory, 324, 196);
    try (WebmFile webm = new WebmFile(create(file), OPTIONS)) {
      webm.addTrack(VideoTrack.of(1, VideoCodec.VP8, small.getFirst().payload()), "");
      write(webm, small, 0);
      write(webm, large, 2_000_000_000L);
      write(webm, small, 4_000_000_000L);
    }

    Tool.Result probed =
        run(Tool.FFPROBE, "-v warning -show_frames -show_entries frame=width", file);
    Tool.Result decoded = decode(file, "-map 0");

    assertThat(probed.errors()).isEmpty();
    assertThat(probed.text().lines().filter(line -> line.startsWith("width=")))
        .hasSize(90)
        .startsWith("width=162")
        .contains("width=324");
    assertThat(frames(decoded, 0)).hasSize(90);
    assertThat(run(Tool.WEBM_INFO, "-all -i", file).exitCode()).isZero();
  }

  private static void write(WebmFile file, List<EncodedFrame> frames, long offset)
      throws IOException {
    for (EncodedFrame frame : frames) {
      file.write(1, offset + frame.timeNanos(), frame.key(), frame.payload());
    }
  }

  private static Tool.Result run(Tool tool, String arguments, Path file) {
    return tool.run(directory, (arguments + " " + file).split(" ", -1));
  }

  private static Tool.Result decode(Path file, String map) {
    return Tool.FFMPEG.run(
        directory,
        ("-v warning -i " + file + " " + map + " -fps_mode passthrough -f framecrc -")
            .split(" ", -1));
  }

  /** The checksums of a stream's decoded frames. */
  private static List<String> frames(Tool.Result result, int stream) {
    return result
        .text()
        .lines()
        .filter(line -> line.startsWith(stream + ","))
        .map(line -> line.substring(line.lastIndexOf(',') + 1).strip())
        .toList();
  }

  private static List<Input> inputs(Kind kind) {
    List<Input> inputs = new ArrayList<>();
    for (VideoCodec codec : kind.video()) {
      int number = inputs.size() + 1;
      List<EncodedFrame> frames = samples.of(codec);
      Track track = VideoTrack.of(number, codec, frames.getFirst().payload());
      inputs.add(new Input(track, "Picture " + number, frames));
    }
    for (int i = 0; i < kind.sounds(); i++) {
      int number = inputs.size() + 1;
      inputs.add(new Input(AudioTrack.opus(number, 2), "Sound " + number, samples.opus()));
    }
    return inputs;
  }

  private static FileChannel create(Path file) throws IOException {
    return FileChannel.open(
        file,
        StandardOpenOption.CREATE,
        StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.WRITE);
  }

  /**
   * Muxes the tracks in the order of their times.
   *
   * @param close whether the file is completed, or left as a crash leaves it
   */
  private static Path mux(Kind kind, boolean close) throws IOException {
    record Packet(int track, EncodedFrame frame) {}
    List<Packet> packets = new ArrayList<>();
    for (Input input : inputs(kind)) {
      input.frames().forEach(frame -> packets.add(new Packet(input.track().number(), frame)));
    }
    packets.sort(Comparator.comparingLong(packet -> packet.frame().timeNanos()));

    Path path = directory.resolve(kind.name().replace(' ', '-') + ".webm");
    try (FileChannel channel = create(path)) {
      WebmFile file = new WebmFile(channel, OPTIONS);
      for (Input input : inputs(kind)) {
        file.addTrack(input.track(), input.name());
      }
      for (Packet packet : packets) {
        EncodedFrame frame = packet.frame();
        file.write(packet.track(), frame.timeNanos(), frame.key(), frame.payload());
      }
      if (close) {
        file.close();
      }
    }
    return path;
  }
}
