package org.heliograph.agent;

import java.util.List;
import java.util.TreeMap;
import org.heliograph.agent.capture.CaptureSettings;
import org.heliograph.agent.capture.DeviceCatalog;
import org.heliograph.agent.codec.CodecException;
import org.heliograph.agent.codec.Encoders;
import org.heliograph.agent.codec.OpusEncoder;
import org.heliograph.agent.codec.VideoEncoder;
import org.heliograph.agent.config.AgentConfig;

/** What a person reads when the agent has started. */
final class StartUpText {
  private final StringBuilder text = new StringBuilder();

  private StartUpText() {}

  static String of(Agent agent, AgentConfig config, long startNanos) {
    StartUpText shown = new StartUpText();
    shown
        .text
        .append("Heliograph ")
        .append(Version.VERSION)
        .append(" is ready after ")
        .append(startNanos / 1_000_000)
        .append(" ms.\n\n");
    shown.line("Your page", agent.demoLink());
    new TreeMap<>(agent.invitations())
        .forEach((guest, link) -> shown.line("The other side", link + "   (as \"" + guest + "\")"));
    agent
        .rendezvous()
        .flatMap(server -> server.fingerprint())
        .ifPresent(fingerprint -> shown.line("Its certificate", "SHA-256 " + fingerprint));
    switch (config.signaling()) {
      case AgentConfig.Signaling.WebSocket socket ->
          shown.line("Rendezvous", socket.url().toString());
      case AgentConfig.Signaling.Bridge() ->
          shown.line("Signalling", "by the app, through /api/signal");
      case AgentConfig.Signaling.Embedded() -> {}
    }
    shown.line("Camera", camera(config.media()));
    shown.line("Microphone", microphone(config.media()));
    shown.line("Encoders", encoders());
    return shown.text.append("\nStop it with Ctrl+C.").toString();
  }

  private void line(String what, String value) {
    text.append("  %-17s %s\n".formatted(what, value));
  }

  private static String camera(CaptureSettings media) {
    if (!media.camera().equals("auto")) {
      return media.camera();
    }
    List<DeviceCatalog.Camera> cameras = DeviceCatalog.cameras();
    return cameras.isEmpty()
        ? "none found: the test picture"
        : cameras.getFirst().name() + " (" + cameras.getFirst().device() + ")";
  }

  private static String microphone(CaptureSettings media) {
    if (!media.microphone().equals("auto")) {
      return media.microphone();
    }
    List<DeviceCatalog.Microphone> microphones = DeviceCatalog.microphones();
    if (!microphones.isEmpty()) {
      return microphones.getFirst().name() + " (" + microphones.getFirst().device() + ")";
    }
    return DeviceCatalog.hasSoundServer() ? "the sound server's" : "none found: the test tone";
  }

  private static String encoders() {
    try (VideoEncoder vp8 =
            Encoders.openVp8(new VideoEncoder.Settings(320, 240, 30, 300_000, false));
        OpusEncoder opus =
            Encoders.openOpus(new OpusEncoder.Settings(1, 32_000, true, 10, false))) {
      return vp8.name() + "; " + opus.name();
    } catch (CodecException missing) {
      return "missing: " + missing.getMessage();
    }
  }
}
