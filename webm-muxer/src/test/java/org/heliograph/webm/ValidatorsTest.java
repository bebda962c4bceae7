package org.heliograph.webm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kind of output, judged by readers that no one here wrote, and by the strict one. */
class ValidatorsTest {
  @TempDir static Path directory;

  private static Samples samples;

  /** The frames of one track. */
  private record Input(Track track, List<EncodedFrame> frames) {}

  /** One kind of output. */
  record Kind(String name, List<VideoCodec> video, boolean audio, Duration clusterDuration) {
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
    for (Duration duration : List.of(Duration.ZERO, Duration.ofMillis(500))) {
      String clusters = duration.isZero() ? " per packet" : " per 500 ms";
      kinds.add(new Kind("opus" + clusters, List.of(), true, duration));
      for (VideoCodec codec : VideoCodec.values()) {
        kinds.add(new Kind(codec + clusters, List.of(codec), false, duration));
        kinds.add(new Kind(codec + " and opus" + clusters, List.of(codec), true, duration));
      }
    }
    return kinds.stream();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void ffprobeFindsEveryPacketWithoutAWarning(Kind kind) throws IOException {
    Path file = mux(kind);

    Tool.Result packets =
        run(Tool.FFPROBE, "-v warning -count_packets -show_entries stream=nb_read_packets", file);
    Tool.Result streams =
        run(Tool.FFPROBE, "-v warning -show_entries stream=codec_name,width,channels", file);

    assertThat(packets.errors()).isEmpty();
    assertThat(streams.errors()).isEmpty();
    for (Input input : inputs(kind)) {
      assertThat(packets.text()).contains("nb_read_packets=" + input.frames().size());
      switch (input.track()) {
        case VideoTrack video ->
            assertThat(streams.text())
                .containsIgnoringCase("codec_name=" + video.codec())
                .contains("width=" + Samples.WIDTH);
        case AudioTrack audio ->
            assertThat(streams.text())
                .contains("codec_name=opus")
                .contains("channels=" + audio.channels());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void ffmpegDecodesEveryFrameWithoutAWarning(Kind kind) throws IOException {
    Path file = mux(kind);

    Tool.Result result =
        Tool.FFMPEG.run(
            directory,
            ("-v warning -i " + file + " -map 0 -fps_mode passthrough -f framecrc -")
                .split(" ", -1));

    assertThat(result.errors()).isEmpty();
    assertThat(result.exitCode()).isZero();
    if (!kind.video().isEmpty()) {
      long pictures = result.text().lines().filter(line -> line.startsWith("0,")).count();
      assertThat(pictures).isEqualTo(samples.of(kind.video().getFirst()).size());
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void mkvinfoReadsEveryBlockWithoutAWarning(Kind kind) throws IOException {
    Path file = mux(kind);

    Tool.Result result = run(Tool.MKVINFO, "--ui-language en_US --all", file);

    assertThat(result.exitCode()).isZero();
    assertThat(result.errors()).isEmpty();
    assertThat(result.text()).doesNotContainIgnoringCase("warn").doesNotContain("Unknown element");
    long blocks = result.text().lines().filter(line -> line.contains("Simple block")).count();
    assertThat(blocks).isEqualTo(inputs(kind).stream().mapToLong(i -> i.frames().size()).sum());
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void webmInfoReadsEveryBlockWithoutAWarning(Kind kind) throws IOException {
    Path file = mux(kind);

    Tool.Result result = run(Tool.WEBM_INFO, "-all -i", file);

    assertThat(result.exitCode()).isZero();
    assertThat(result.errors()).isEmpty();
    long blocks = result.text().lines().filter(line -> line.contains(" Block: type:")).count();
    assertThat(blocks).isEqualTo(inputs(kind).stream().mapToLong(i -> i.frames().size()).sum());
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void everyElementIsInItsPlaceAndEveryBlockHasItsTime(Kind kind) throws IOException {
    List<Input> inputs = inputs(kind);
    EbmlElement document = EbmlElement.parse(Files.readAllBytes(mux(kind)));

    assertThat(document.find("EBML/DocType").text()).isEqualTo("webm");
    assertThat(document.find("EBML/DocTypeVersion").unsigned()).isEqualTo(kind.audio() ? 4 : 2);
    assertThat(document.find("EBML/DocTypeReadVersion").unsigned()).isEqualTo(2);
    assertThat(document.find("Info/TimecodeScale").unsigned()).isEqualTo(1_000_000);
    for (Input input : inputs) {
      List<Long> times = new ArrayList<>();
      for (EbmlElement cluster : document.all("Cluster")) {
        long clusterTime = cluster.find("Timecode").unsigned();
        for (EbmlElement element : cluster.all("SimpleBlock")) {
          EbmlElement.Block block = element.block();
          if (block.track() == input.track().number()) {
            times.add(clusterTime + block.time());
          }
        }
      }
      assertThat(times)
          .isEqualTo(
              input.frames().stream().map(f -> (f.timeNanos() + 500_000) / 1_000_000).toList());
    }
    if (kind.clusterDuration().isZero()) {
      assertThat(document.all("Cluster")).allMatch(c -> c.all("SimpleBlock").size() == 1);
    } else {
      assertThat(document.all("Cluster")).hasSizeBetween(4, 8);
    }
  }

  private static Tool.Result run(Tool tool, String arguments, Path file) {
    return tool.run(directory, (arguments + " " + file).split(" ", -1));
  }

  private static List<Input> inputs(Kind kind) {
    List<Input> inputs = new ArrayList<>();
    for (VideoCodec codec : kind.video()) {
      List<EncodedFrame> frames = samples.of(codec);
      inputs.add(new Input(VideoTrack.of(1, codec, frames.getFirst().payload()), frames));
    }
    if (kind.audio()) {
      inputs.add(new Input(AudioTrack.opus(2, 2), samples.opus()));
    }
    return inputs;
  }

  /** Muxes the tracks in the order of their times, as a live source would give them. */
  private static Path mux(Kind kind) throws IOException {
    record Packet(int track, EncodedFrame frame) {}
    List<Packet> packets = new ArrayList<>();
    for (Input input : inputs(kind)) {
      input.frames().forEach(frame -> packets.add(new Packet(input.track().number(), frame)));
    }
    packets.sort(Comparator.comparingLong(packet -> packet.frame().timeNanos()));

    CollectingSink sink = new CollectingSink();
    WebmMuxer muxer =
        new WebmMuxer(WebmOptions.live().withClusterDuration(kind.clusterDuration()), sink);
    muxer.begin(inputs(kind).stream().map(Input::track).toList());
    for (Packet packet : packets) {
      EncodedFrame frame = packet.frame();
      muxer.write(packet.track(), frame.timeNanos(), frame.key(), frame.payload());
    }
    muxer.flush();
    Path file = directory.resolve(kind.name().replace(' ', '-') + ".webm");
    return Files.write(file, sink.only().file());
  }
}
