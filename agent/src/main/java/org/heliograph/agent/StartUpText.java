package org.heliograph.agent;

import java.util.TreeMap;
import org.heliograph.agent.config.AgentConfig;

/** What a person reads when the agent has started. */
final class StartUpText {
  private StartUpText() {}

  static String of(Agent agent, AgentConfig config, long startNanos) {
    StringBuilder text = new StringBuilder();
    text.append(
        "Heliograph %s is ready after %d ms.%n%n"
            .formatted(Version.VERSION, startNanos / 1_000_000));
    text.append("  Your page         ").append(agent.demoLink()).append('\n');
    new TreeMap<>(agent.invitations())
        .forEach(
            (guest, link) ->
                text.append("  The other side    ")
                    .append(link)
                    .append("   (as \"")
                    .append(guest)
                    .append("\")\n"));
    agent
        .rendezvous()
        .ifPresent(
            server ->
                server
                    .fingerprint()
                    .ifPresent(
                        fingerprint ->
                            text.append("  Its certificate   SHA-256 ")
                                .append(fingerprint)
                                .append('\n')));
    switch (config.signaling()) {
      case AgentConfig.Signaling.WebSocket socket ->
          text.append("  Rendezvous        ").append(socket.url()).append('\n');
      case AgentConfig.Signaling.Bridge() ->
          text.append("  Signalling        by the app, through /api/signal\n");
      case AgentConfig.Signaling.Embedded() -> {}
    }
    text.append("  Camera            ").append(config.media().camera()).append('\n');
    text.append("  Microphone        ").append(config.media().microphone()).append('\n');
    text.append("\nStop it with Ctrl+C.");
    return text.toString();
  }
}
