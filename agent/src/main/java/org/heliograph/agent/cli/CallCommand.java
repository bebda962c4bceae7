package org.heliograph.agent.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.heliograph.text.ForeignText;
import org.heliograph.text.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code heliograph call}: a call from the terminal, through the running agent. */
@Command(
    name = "call",
    description = {
      "Calls somebody, and shows how the call goes until it ends; Ctrl+C hangs up.",
      "The running agent makes the call; where none runs, one is started. Sound and picture of the"
          + " other side go to a page that shows the call, or to a program (--player)."
    })
final class CallCommand implements Callable<Integer> {
  /** Ends that are neither side's wish. */
  private static final Set<String> MISFORTUNES =
      Set.of("device", "connection_lost", "signaling_failed", "shutdown");

  private static final Duration LAST_WORDS = Duration.ofSeconds(2);

  private final Surroundings surroundings;

  @Parameters(index = "0", paramLabel = "NAME", description = "Whom to call.")
  private String peer;

  @Option(names = "--no-video", description = "Calls with sound only; the camera stays closed.")
  private boolean noVideo;

  @Option(
      names = "--no-audio",
      description = "Calls with a picture only; the microphone stays closed.")
  private boolean noAudio;

  @Option(
      names = "--player",
      paramLabel = "COMMAND",
      description =
          "Gives what the other side sends, as WebM, to this shell command's input, such as"
              + " \"mpv --profile=low-latency -\" or \"ffplay -fflags nobuffer -\".")
  private String player;

  @Mixin private AgentOptions agent;

  @Option(
      names = "--json",
      description =
          "Prints a line of JSON for each event of the call: event (state, quality, devices, error,"
              + " ended …) and what docs/api.md says of it.")
  private boolean json;

  @Spec private CommandSpec spec;

  /** Written before the call begins; read by whoever ends it. */
  private volatile String channel = UUID.randomUUID().toString();

  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean over;
  private Terminal terminal;
  private AgentClient client;
  private Process playing;
  private Instant connectedAt;

  /** Whether the other side is known to have heard of the call. */
  private boolean rings;

  private String state = "";
  private String grade = "";
  private JsonNode call = Json.object();
  private ExitCode outcome = ExitCode.FAILED;

  CallCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws CommandException, IOException, InterruptedException {
    if (noAudio && noVideo) {
      throw new CommandException(
          ExitCode.USAGE, "A call needs sound or a picture: leave out --no-audio or --no-video.");
    }
    if (!ForeignText.isName(peer)) {
      throw new CommandException(
          ExitCode.USAGE,
          "\"" + peer + "\" is nobody's name: it must be " + ForeignText.NAME_FORM + ".");
    }
    terminal = Terminal.of(spec.commandLine().getOut(), surroundings.environment());
    Path addressFile = agent.addressFile(surroundings);
    var _ = StartCommand.start(surroundings, addressFile, agent.arguments());
    client = AgentClient.at(addressFile);
    try (AgentClient _ = client;
        InputStream events = client.open("/api/call/events")) {
      Thread hangUp = Thread.ofPlatform().name("heliograph-hang-up").unstarted(this::hangUp);
      Runtime.getRuntime().addShutdownHook(hangUp);
      ring();
      AgentClient.follow(events, this::event);
      if (!over) {
        throw new CommandException(ExitCode.FAILED, "The agent has ended, and the call with it.");
      }
    } finally {
      if (playing != null) {
        playing.destroy();
      }
    }
    return outcome.status();
  }

  private void ring() throws CommandException, IOException, InterruptedException {
    ObjectNode body = Json.object().put("channel_id", channel).put("remote_peer", peer);
    body.putObject("media").put("audio", !noAudio).put("video", !noVideo);
    if (!json) {
      terminal.line("Calling " + peer + "; Ctrl+C hangs up.");
    }
    try {
      // Another one where the other side was calling at the same moment.
      channel = client.post("/api/call/start", body).path("channel_id").asText();
    } catch (IOException refused) {
      over = true;
      throw new CommandException(ExitCode.FAILED, refused.getMessage());
    }
    rings = isDelivered();
  }

  /**
   * Whether the request has reached somebody. The agent's own rendezvous knows at once that nobody
   * has the name, and the call is over then; another says so only where it cannot deliver.
   */
  private boolean isDelivered() throws IOException, InterruptedException {
    JsonNode agent = client.get("/api/agent");
    boolean own = agent.at("/signaling/type").asText().equals("rendezvous");
    for (JsonNode each : agent.path("calls")) {
      if (own && each.path("channel_id").asText().equals(channel)) {
        return true;
      }
    }
    return false;
  }

  /** With Ctrl+C, and whatever else ends this program before the call. */
  private void hangUp() {
    if (over) {
      return;
    }
    try {
      var _ = client.post("/api/call/hangup", Json.object().put("channel_id", channel));
      // So that its last event is shown too.
      boolean _ = ended.await(LAST_WORDS.toMillis(), TimeUnit.MILLISECONDS);
    } catch (IOException _) {
      // It is over at the agent already.
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean event(String name, ObjectNode data) throws IOException {
    String about = data.path("channel_id").asText();
    if (!about.equals(channel) && !(name.equals("error") && about.isEmpty())) {
      return true;
    }
    if (json) {
      terminal.line(Json.write(Json.object().put("event", name).setAll(data)));
    }
    switch (name) {
      case "state" -> stateChanged(data);
      case "devices" -> call = data;
      case "quality" -> quality(data);
      case "error" -> say(data.path("detail").asText() + " " + data.path("hint").asText());
      case "ended" -> ended(data);
      default -> {
        // Not of interest to a person.
      }
    }
    return !over;
  }

  private void stateChanged(ObjectNode data) throws IOException {
    call = data;
    String next = data.path("state").asText();
    if (next.equals(state)) {
      return;
    }
    state = next;
    switch (state) {
      case "ringing" -> {
        if (rings) {
          say("It rings at " + peer + ".");
        }
      }
      case "connecting" -> say(peer + " has accepted; connecting.");
      case "connected" -> {
        say(connectedAt == null ? "Connected." : "Connected again.");
        if (connectedAt == null) {
          connectedAt = Instant.now();
          play();
        }
      }
      case "reconnecting" -> say("The connection is interrupted; trying to get it back.");
      default -> say("The call is " + state + ".");
    }
  }

  private void quality(ObjectNode quality) {
    if (json || connectedAt == null) {
      return;
    }
    List<String> parts = new ArrayList<>();
    long seconds = Duration.between(connectedAt, Instant.now()).toSeconds();
    parts.add("%02d:%02d:%02d".formatted(seconds / 3600, seconds / 60 % 60, seconds % 60));
    parts.add("connection " + quality.path("grade").asText());
    if (quality.has("round_trip_ms")) {
      parts.add("round trip " + quality.path("round_trip_ms").asLong() + " ms");
    }
    if (quality.has("fraction_lost")) {
      parts.add(
          String.format(
              Locale.ROOT, "%.1f %% lost", 100 * quality.path("fraction_lost").asDouble()));
    }
    if (quality.has("bits_per_second")) {
      parts.add("picture " + quality.path("bits_per_second").asLong() / 1000 + " kbit/s");
    }
    parts.add("receiving " + kinds(call.path("receiving")));
    parts.add("sending " + sending());
    String line = String.join(" · ", parts);
    terminal.progress(line);
    // Where no line can be overwritten, only what has changed is worth one.
    if (!terminal.isInteractive() && !quality.path("grade").asText().equals(grade)) {
      terminal.line(line);
    }
    grade = quality.path("grade").asText();
  }

  private static String kinds(JsonNode media) {
    boolean audio = media.path("audio").asBoolean();
    boolean video = media.path("video").asBoolean();
    return audio && video ? "sound and picture" : audio ? "sound" : video ? "picture" : "nothing";
  }

  private String sending() {
    ObjectNode on = Json.object();
    call.path("local")
        .properties()
        .forEach(kind -> on.put(kind.getKey(), kind.getValue().asText().equals("on")));
    return kinds(on);
  }

  private void ended(ObjectNode data) {
    if (data.has("replaced_by")) {
      channel = data.path("replaced_by").asText();
      return;
    }
    over = true;
    String reason = data.path("reason").asText();
    outcome =
        MISFORTUNES.contains(reason)
            ? ExitCode.FAILED
            : connectedAt == null ? ExitCode.NO_CALL : ExitCode.DONE;
    say(data.path("message").asText());
    if (reason.equals("unreachable")) {
      offerInvitation();
    }
    ended.countDown();
  }

  /** A guest who is not there may not have got his link yet. */
  private void offerInvitation() {
    try {
      JsonNode link = client.get("/api/agent").path("invitations").path(peer);
      if (link.isTextual()) {
        say("It is for " + peer + " to open this link, then call again: " + link.asText());
      }
    } catch (IOException _) {
      // The sentence before says what is the matter.
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void say(String sentence) {
    if (!json) {
      terminal.line(sentence.strip());
    }
  }

  // --- What the other side sends ----------------------------------------------------------------

  private void play() throws IOException {
    if (player == null) {
      return;
    }
    playing =
        OwnProgram.inTheUsersLocale(new ProcessBuilder("sh", "-c", player))
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    Thread _ = Thread.ofPlatform().daemon().name("heliograph-player").start(this::feed);
  }

  private void feed() {
    try (InputStream media = client.open("/api/call/video/" + channel);
        OutputStream input = playing.getOutputStream()) {
      byte[] buffer = new byte[64 * 1024];
      for (int read = media.read(buffer); read >= 0; read = media.read(buffer)) {
        input.write(buffer, 0, read);
        input.flush();
      }
    } catch (IOException ended) {
      if (!over) {
        say("The player has ended; the call goes on.");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
