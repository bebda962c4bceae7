package org.heliograph.agent.cli;

import java.io.PrintStream;
import java.util.List;
import java.util.TreeMap;
import org.heliograph.agent.Agent;
import org.heliograph.agent.Version;
import org.heliograph.agent.config.AgentConfig;
import org.heliograph.agent.http.RendezvousServer;
import org.heliograph.media.CaptureSettings;
import org.heliograph.media.DeviceCatalog;
import org.heliograph.media.Encoders;
import org.heliograph.session.CodecException;
import org.heliograph.session.OpusEncoder;
import org.heliograph.session.VideoEncoder;

/** What a person reads when the agent has started: where it is at once, then what it found. */
final class StartUpText {
  private static final int COLUMN = 18;

  private final PrintStream out;

  private StartUpText(PrintStream out) {
    this.out = out;
  }

  /** Prints all of it; looks for devices in the middle of it. */
  static void print(PrintStream out, Agent agent, AgentConfig config) {
    StartUpText shown = new StartUpText(out);
    shown.whereItIs(agent, config);
    shown.whatItHas(config.media());
    out.println("\nStop it with Ctrl+C.");
  }

  private void whereItIs(Agent agent, AgentConfig config) {
    out.println("Heliograph " + Version.VERSION + " is ready.\n");
    line("Your page", agent.demoLink());
    new TreeMap<>(agent.invitations())
        .forEach((guest, link) -> line("The other side", link + "   (as \"" + guest + "\")"));
    agent.rendezvous().ifPresent(this::certificate);
    switch (config.signaling()) {
      case AgentConfig.Signaling.WebSocket socket -> line("Rendezvous", socket.url().toString());
      case AgentConfig.Signaling.Bridge() -> line("Signalling", "by the app, through /api/signal");
      case AgentConfig.Signaling.Embedded() -> {}
    }
  }

  private void certificate(RendezvousServer rendezvous) {
    rendezvous
        .fingerprint()
        .ifPresent(fingerprint -> line("Its certificate", "SHA-256 " + fingerprint));
    rendezvous
        .certificateWarning()
        .ifPresent(
            warning -> Lines.wrapped(warning, Lines.BESIDE_NAMES).forEach(each -> line("", each)));
  }

  private void whatItHas(CaptureSettings media) {
    line("Camera", camera(media));
    line("Microphone", microphone(media));
    line("Encoders", encoders());
  }

  private void line(String what, String value) {
    out.println("  " + what + " ".repeat(COLUMN - what.length()) + value);
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
    DeviceCatalog.SoundServer server = DeviceCatalog.soundServer();
    if (!server.microphone().isEmpty()) {
      return server.microphone();
    }
    return DeviceCatalog.microphones().stream()
        .filter(each -> !each.loopback())
        .findFirst()
        .map(each -> each.name() + " (" + each.device() + ")")
        .orElse("none found: the test tone");
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
