package org.heliograph.interop.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.heliograph.interop.lab.AgentEvents;
import org.heliograph.interop.lab.Firefox;
import org.heliograph.interop.lab.HeliographAgent;
import org.heliograph.interop.lab.RelayRecording;
import org.heliograph.interop.lab.SoundServer;
import org.heliograph.interop.lab.Subprocess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a call tells of itself: its packets, which Wireshark understands, and its quality. */
class CallDiagnosticsTest {
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final int CODES = 5;

  @TempDir Path directory;

  @Test
  void theQualityIsToldAndWiresharkShowsSoundPictureAndReportsOfBothSides() throws Exception {
    try (SoundServer sound = new SoundServer();
        Firefox firefox = new Firefox(sound.environment());
        HeliographAgent agent =
            new HeliographAgent(
                "--media-camera=test",
                "--media-microphone=test:440",
                "--calls-packet-directory=" + directory.resolve("calls"));
        AgentEvents events = new AgentEvents(agent);
        PageForTheOtherSide remote = new PageForTheOtherSide(firefox, agent, 620)) {
      agent.post("/api/call/start", HeliographAgent.call("traced").put("remote_peer", "guest"));
      remote.accept();
      try (RelayRecording recording = new RelayRecording(agent, "traced")) {
        recording.awaitContent(CODES);
        remote.awaitPictures(CODES);
      }
      AgentEvents.Event quality =
          events.await(
              event -> event.name().equals("quality") && event.data().has("bits_per_second"),
              LIMIT);
      assertThat(quality.data().path("round_trip_ms").asLong(-1)).isBetween(0L, 100L);
      assertThat(quality.data().path("fraction_lost").asDouble(-1)).isBetween(0.0, 1.0);
      assertThat(quality.data().path("bits_per_second").asLong(-1)).isPositive();
      assertThat(quality.data().path("grade").asText()).isIn("good", "fair", "poor");
      agent.post("/api/call/hangup", HeliographAgent.call("traced"));
      events.await(event -> event.name().equals("ended"), LIMIT);
      remote.awaitEnd();
    }

    Path file = onlyFile(directory.resolve("calls"));
    assertThat(Files.getPosixFilePermissions(file)).hasSize(2);
    List<String> rtp = tshark(file, "rtp", "-e", "rtp.ssrc", "-e", "rtp.p_type");
    assertThat(rtp).hasSizeGreaterThan(100);
    assertThat(rtp.stream().distinct()).as("a stream of each kind, both ways").hasSizeBetween(4, 8);
    assertThat(tshark(file, "rtcp.pt == 200", "-e", "rtcp.senderssrc").stream().distinct())
        .as("sender reports of both sides")
        .hasSizeGreaterThanOrEqualTo(2);
    assertThat(tshark(file, "_ws.malformed", "-e", "frame.number")).isEmpty();
    assertThat(tshark(file, "!rtp && !rtcp", "-e", "frame.number")).isEmpty();
  }

  private static Path onlyFile(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      List<Path> all = files.toList();
      assertThat(all).hasSize(1);
      return all.getFirst();
    }
  }

  private static List<String> tshark(Path file, String filter, String... fields) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("tshark", "-r", file.toString(), "-Y", filter, "-T", "fields"));
    command.addAll(List.of(fields));
    try (Subprocess wireshark = Subprocess.start(Map.of(), command)) {
      assertThat(wireshark.awaitExit(LIMIT)).isZero();
      return wireshark
          .output()
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("Running as user"))
          .toList();
    }
  }
}
