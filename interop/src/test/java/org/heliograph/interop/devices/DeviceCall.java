package org.heliograph.interop.devices;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.heliograph.interop.lab.AgentEvents;
import org.heliograph.interop.lab.DecodedStream;
import org.heliograph.interop.lab.DeviceLab;
import org.heliograph.interop.lab.HeliographAgent;
import org.heliograph.interop.lab.Subprocess;

/**
 * Runs in the {@link DeviceLab}: an agent with the first camera and the sound card calls one that
 * is left to find a camera itself. What is seen and heard goes into a file, for {@link
 * DeviceLabTest} to judge.
 */
final class DeviceCall implements AutoCloseable {
  /** The tone that is played into the sound card. */
  static final int TONE_HERTZ = 523;

  /** The least share of a tone in the sound: of noise, one frequency has a hundredth. */
  static final double PURITY = 0.4;

  /** The tone that the other side makes itself. */
  static final int CALLEES_HERTZ = 880;

  /** The file with what was seen and heard. */
  static final String RESULTS = "results.json";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int ATTEMPTS = 3;

  /** The lab has one processor for two agents and this. */
  private static final String PICTURE_RATE = "--media-video-frames-per-second=10";

  private static final Path CAMERA = Path.of("/dev/video0");
  private static final Path OTHER_CAMERA = Path.of("/dev/video1");

  private final ObjectNode results = JSON.createObjectNode();
  private final HeliographAgent caller;
  private final HeliographAgent callee;
  private final AgentEvents callerEvents;
  private final AgentEvents calleeEvents;
  private String channel;

  public static void main(String[] arguments) throws Exception {
    Vivid camera = new Vivid(CAMERA);
    camera.show(Vivid.Colour.RED);
    new Vivid(OTHER_CAMERA).show(Vivid.Colour.BLUE);
    try (Subprocess _ = playTone();
        DeviceCall call = new DeviceCall()) {
      try {
        call.startWhileTheCameraIsBusy();
        call.connect();
        try (DecodedStream atCallee = call.watch(call.callee);
            DecodedStream atCaller = call.watch(call.caller)) {
          call.compareBothEnds(camera, atCallee, atCaller);
          call.unplug(camera, atCallee);
          call.switchOnAgain(camera, atCallee);
        }
        call.hangUp();
        call.askTheDoctor();
      } finally {
        Files.writeString(DeviceLab.OUTPUT.resolve(RESULTS), call.results.toPrettyString());
      }
    }
    // The HTTP clients' threads would live on.
    System.exit(0);
  }

  /** Into the sound card, whose other end is the microphone. */
  private static Subprocess playTone() {
    return Subprocess.start(
        Map.of(),
        List.of(
            "speaker-test",
            "--device=plughw:Loopback,0",
            "--channels=1",
            "--rate=48000",
            "--format=S16_LE",
            "--test=sine",
            "--frequency=" + TONE_HERTZ));
  }

  private DeviceCall() throws IOException {
    caller =
        new HeliographAgent(
            "--peer-name=caller",
            "--rendezvous-guests=callee",
            "--media-camera=" + CAMERA,
            "--media-microphone=hw:Loopback,1",
            "--media-video-width=320",
            "--media-video-height=180",
            PICTURE_RATE);
    URI signal = URI.create(caller.signalUrl());
    callee =
        new HeliographAgent(
            "--peer-name=callee",
            "--signaling-type=websocket",
            "--signaling-url=ws://" + signal.getAuthority() + "/signal",
            "--signaling-token=" + signal.getQuery().replaceAll(".*token=([^&]*).*", "$1"),
            "--ice-include-loopback=true",
            "--media-camera=auto",
            "--media-microphone=test:" + CALLEES_HERTZ,
            "--media-video-width=320",
            "--media-video-height=180",
            PICTURE_RATE);
    callerEvents = new AgentEvents(caller);
    calleeEvents = new AgentEvents(callee);
  }

  private static ObjectNode call(String channel, String peer) {
    return HeliographAgent.call(channel).put("remote_peer", peer);
  }

  private DecodedStream watch(HeliographAgent agent) {
    return new DecodedStream(agent, "/api/call/media/" + channel);
  }

  /** Another program has the camera when the user calls. */
  private void startWhileTheCameraIsBusy() throws IOException {
    try (Subprocess other =
        Subprocess.start(
            Map.of(), List.of("v4l2-ctl", "-d", CAMERA.toString(), "--stream-mmap", "--verbose"))) {
      other.awaitLine(line -> line.contains("dqbuf"), LIMIT);
      HttpResponse<String> answer = caller.answerTo("/api/call/start", call("busy", "callee"));
      ObjectNode busy = results.putObject("busy");
      busy.put("status", answer.statusCode());
      busy.set("problem", JSON.readTree(answer.body()));
      busy.put("programs_pid", other.pid());
      other.terminate();
      int _ = other.awaitExit(LIMIT);
    }
  }

  /** The callee is left to find a camera while the caller has the first one. */
  private void connect() throws IOException {
    caller.awaitLog("callee has joined");
    for (int attempt = 1; ; attempt++) {
      channel = "call-" + attempt;
      if (connected()) {
        return;
      }
      if (attempt == ATTEMPTS) {
        throw new AssertionError("the agents do not connect");
      }
    }
  }

  /** Calls once; false where the agents, on a busy machine, take too long to connect. */
  private boolean connected() throws IOException {
    int callersBefore = callerEvents.count();
    int calleesBefore = calleeEvents.count();
    caller.post("/api/call/start", call(channel, "callee"));
    calleeEvents.await(calleesBefore, event -> event.name().equals("incoming"), LIMIT);
    results.put("devices_of_callee_while_ringing", openDevices(callee).toString());
    callee.post("/api/call/accept", call(channel, "caller"));
    return outcome(callerEvents, callersBefore) && outcome(calleeEvents, calleesBefore);
  }

  private static boolean outcome(AgentEvents events, int before) {
    return events
        .await(
            before,
            event ->
                event.name().equals("ended")
                    || event.data().path("state").asText().equals("connected"),
            LIMIT.plus(LIMIT))
        .name()
        .equals("state");
  }

  private void compareBothEnds(Vivid camera, DecodedStream atCallee, DecodedStream atCaller) {
    ObjectNode seen = results.putObject("seen_by_callee");
    for (Vivid.Colour colour : List.of(Vivid.Colour.RED, Vivid.Colour.GREEN, Vivid.Colour.WHITE)) {
      camera.show(colour);
      seen.set(colour.name(), JSON.valueToTree(atCallee.awaitPicture(colour::is, LIMIT)));
    }
    results.set(
        "seen_by_caller", JSON.valueToTree(atCaller.awaitPicture(Vivid.Colour.BLUE::is, LIMIT)));
    results.set("heard_by_callee", tone(atCallee, TONE_HERTZ));
    results.set("heard_by_caller", tone(atCaller, CALLEES_HERTZ));
    results.put("devices_of_caller_in_call", openDevices(caller).toString());
    results.put("devices_of_callee_in_call", openDevices(callee).toString());
  }

  private static JsonNode tone(DecodedStream stream, int hertz) {
    return JSON.valueToTree(
        stream.awaitTone(
            tone -> Math.abs(tone.hertz() - hertz) < 4 && tone.share() > PURITY, LIMIT));
  }

  /** The camera is unplugged in the middle of the call. */
  private void unplug(Vivid camera, DecodedStream atCallee) throws IOException {
    int before = callerEvents.count();
    int calleesBefore = calleeEvents.count();
    camera.unplug();
    ObjectNode unplugged = results.putObject("unplugged");
    unplugged.set(
        "error", callerEvents.await(before, event -> event.name().equals("error"), LIMIT).data());
    unplugged.set(
        "devices",
        callerEvents.await(before, event -> event.name().equals("devices"), LIMIT).data());
    unplugged.set(
        "told_to_callee",
        calleeEvents
            .await(
                calleesBefore,
                event ->
                    event.name().equals("state")
                        && !event.data().path("receiving").path("video").asBoolean(true),
                LIMIT)
            .data());
    unplugged.set("heard_by_callee", tone(atCallee, TONE_HERTZ));
    unplugged.set("calls_of_caller", caller.get("/api/call/active"));
    unplugged.put("devices_of_caller", openDevices(caller).toString());
  }

  /** The camera is there again, and the user switches it on. */
  private void switchOnAgain(Vivid camera, DecodedStream atCallee) throws IOException {
    camera.show(Vivid.Colour.GREEN);
    ObjectNode on = results.putObject("switched_on_again");
    ObjectNode wish = JSON.createObjectNode().put("channel_id", channel).put("disabled", false);
    on.set("answer", caller.post("/api/call/toggle-video", wish));
    on.set(
        "seen_by_callee", JSON.valueToTree(atCallee.awaitPicture(Vivid.Colour.GREEN::is, LIMIT)));
    on.set("heard_by_callee", tone(atCallee, TONE_HERTZ));
  }

  private void hangUp() throws IOException {
    caller.post("/api/call/hangup", JSON.createObjectNode().put("channel_id", channel));
    ObjectNode over = results.putObject("over");
    over.set(
        "ended_at_callee", calleeEvents.await(event -> event.name().equals("ended"), LIMIT).data());
    over.set("calls_of_caller", caller.get("/api/call/active"));
    over.put("exit_of_caller", caller.stop());
    over.put("exit_of_callee", callee.stop());
  }

  private void askTheDoctor() throws IOException {
    String report = HeliographAgent.run("doctor", "--json");
    results.set("doctor", JSON.readTree(report.substring(report.indexOf("\n{") + 1)));
  }

  /** The cameras and sound devices that a process has open. */
  private static List<String> openDevices(HeliographAgent agent) {
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + agent.pid() + "/fd"))) {
      return descriptors
          .flatMap(descriptor -> target(descriptor).stream())
          .filter(target -> target.matches("/dev/(video|snd/pcm).*"))
          .distinct()
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static Optional<String> target(Path descriptor) {
    try {
      return Optional.of(Files.readSymbolicLink(descriptor).toString());
    } catch (IOException closedMeanwhile) {
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    System.out.println("--- caller\n" + caller.log() + "\n--- callee\n" + callee.log());
    callerEvents.close();
    calleeEvents.close();
    callee.close();
    caller.close();
  }
}
