package org.heliograph.interop.peer;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.heliograph.interop.lab.Subprocess;

/** aiortc, in a small program ({@code interop/aiortc}). */
final class AiortcPeer extends ProgramPeer {
  private static final int TONE_HERTZ = 860;
  private static final Duration PREPARE_LIMIT = Duration.ofMinutes(5);

  private final String python;

  AiortcPeer() {
    python =
        Subprocess.run(Map.of(), List.of("aiortc/prepare"), PREPARE_LIMIT)
            .lines()
            .toList()
            .getLast();
  }

  /** Why there can be no such peer on this machine; empty where there can. */
  static String whyNot() {
    try (Subprocess prepare = Subprocess.start(Map.of(), List.of("aiortc/prepare"))) {
      return prepare.awaitExit(PREPARE_LIMIT) == 0 ? "" : prepare.output();
    }
  }

  @Override
  void begin() {
    if (!isRunning()) {
      start(Map.of(), List.of(python, "-u", "aiortc/peer.py"));
    }
    ask("begin", JSON.createObjectNode().put("hertz", TONE_HERTZ));
  }

  @Override
  int toneHertz() {
    return TONE_HERTZ;
  }

  @Override
  ReceivedContent received() {
    return contentOf(ask("received", JSON.createObjectNode()));
  }

  @Override
  void forget() {
    ask("forget", JSON.createObjectNode());
  }
}
