package org.heliograph.agent.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.heliograph.text.ForeignText;
import org.heliograph.text.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code heliograph status}. */
@Command(
    name = "status",
    description = {
      "Says whether an agent runs, where it is, who uses it and which calls there are.",
      "The exit status is 0 if one runs and 3 if not."
    })
public final class StatusCommand implements Callable<Integer> {
  private static final DateTimeFormatter MOMENT =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm").withZone(ZoneId.systemDefault());

  private final Surroundings surroundings;

  @Mixin private AgentOptions agent;

  @Option(
      names = "--json",
      description = "Prints it as JSON: what GET /api/agent answers, and \"running\".")
  private boolean json;

  @Option(
      names = "--links",
      description =
          "Prints the links with what lets in: whoever has that of your page can use your camera,"
              + " whoever has a guest's can ring.")
  private boolean links;

  @Spec private CommandSpec spec;

  public StatusCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    Optional<AgentClient> found = agent.find(surroundings);
    if (found.isEmpty()) {
      out.println(
          json
              ? Json.object().put("running", false).toPrettyString()
              : "No agent of yours runs. An app starts one when it needs it; so does"
                  + " \"heliograph start\".");
      out.flush();
      return ExitCode.NOT_RUNNING.status();
    }
    try (AgentClient client = found.get()) {
      ObjectNode state = client.get("/api/agent");
      if (!links) {
        hideTokens(state);
      }
      out.println(
          json ? Json.object().put("running", true).setAll(state).toPrettyString() : text(state));
      out.flush();
    }
    return ExitCode.DONE.status();
  }

  /** A terminal is looked at by others, and what it shows is sent to those who help. */
  private static void hideTokens(ObjectNode state) {
    state.put("demo", withoutToken(state.path("demo").asText()));
    ObjectNode invitations = state.withObject("invitations");
    invitations
        .properties()
        .forEach(link -> link.setValue(TextNode.valueOf(withoutToken(link.getValue().asText()))));
  }

  /** It stands in the fragment. */
  private static String withoutToken(String link) {
    return link.replaceFirst("#.*", "");
  }

  private String text(ObjectNode state) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "Heliograph %s runs as process %d since %s."
            .formatted(
                state.path("version").asText(),
                state.path("pid").asLong(),
                MOMENT.format(Instant.parse(state.path("started_at").asText()))));
    lines.add("");
    row(lines, "API", state.path("url").asText());
    row(lines, "Name", state.path("name").asText());
    JsonNode signaling = state.path("signaling");
    row(
        lines,
        "Signalling",
        signaling.path("type").asText()
            + (signaling.has("problem") ? ": " + signaling.path("problem").asText() : ""));
    String demo = state.path("demo").asText();
    row(lines, "Your page", demo);
    if (!links) {
      row(lines, "", "\"heliograph start --open-with xdg-open\" opens it; \"heliograph status");
      row(lines, "", "--links\" prints this link and those below with what lets in.");
    }
    state
        .path("invitations")
        .properties()
        .forEach(
            invitation ->
                row(
                    lines,
                    "The other side",
                    invitation.getValue().asText() + "   (as \"" + invitation.getKey() + "\")"));
    JsonNode certificate = state.path("certificate");
    if (certificate.has("fingerprint")) {
      row(lines, "Its certificate", "SHA-256 " + certificate.path("fingerprint").asText());
    }
    if (certificate.has("warning")) {
      Lines.wrapped(certificate.path("warning").asText(), Lines.BESIDE_NAMES)
          .forEach(line -> row(lines, "", line));
    }
    JsonNode calls = state.path("calls");
    row(lines, "Calls", calls.isEmpty() ? "none" : Integer.toString(calls.size()));
    for (JsonNode call : calls) {
      row(
          lines,
          "",
          "%s, %s, %s"
              .formatted(
                  call.path("remote_peer").asText(),
                  call.path("incoming").asBoolean() ? "incoming" : "outgoing",
                  call.path("state").asText()));
    }
    row(lines, "Connections", state.path("connections").asText());
    row(lines, "Leaves", leaves(state));
    JsonNode configuration = state.path("configuration");
    if (configuration.has("file")) {
      row(lines, "Configuration", configuration.path("file").asText());
    }
    if (configuration.has("problem")) {
      row(lines, "", "is wrong, what held before holds: " + configuration.path("problem").asText());
    }
    if (!configuration.path("need_restart").isEmpty()) {
      List<String> keys = new ArrayList<>();
      configuration.path("need_restart").forEach(key -> keys.add(key.asText()));
      row(lines, "", "after a restart: " + String.join(", ", keys));
    }
    JsonNode log = state.path("log");
    row(
        lines,
        "Log",
        switch (log.path("to").asText()) {
          case "file" -> surroundings.logFile().toString();
          case "journal" -> "the journal";
          default -> "where it was started";
        });
    return ForeignText.lines(String.join("\n", lines));
  }

  private static String leaves(ObjectNode state) {
    long idle = state.path("idle_seconds").asLong();
    return !state.path("on_demand").asBoolean() || idle == 0
        ? "when it is stopped"
        : "when nobody has used it for " + idle + " seconds";
  }

  private static void row(List<String> lines, String what, String value) {
    lines.add("  " + what + " ".repeat(Math.max(1, 18 - what.length())) + value);
  }
}
