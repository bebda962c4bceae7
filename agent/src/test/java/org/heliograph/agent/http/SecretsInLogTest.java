package org.heliograph.agent.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.heliograph.agent.config.ConfigKey;
import org.heliograph.agent.log.Log;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the agent and its libraries log of requests, before any formatter has seen it. */
class SecretsInLogTest {
  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"info", "debug", "trace"})
  void noTokenOfARequestIsLogged(String level) throws Exception {
    Queue<String> logged = new ConcurrentLinkedQueue<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord message) {
            logged.add(message.getMessage());
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger root = Logger.getLogger("");
    Level before = root.getLevel();
    root.addHandler(handler);
    try (Api api = new Api(directory, Map.of(ConfigKey.RENDEZVOUS_GUESTS, "ann"))) {
      RendezvousServer server = api.agent.rendezvous().orElseThrow();
      Log.setLevel(level);
      api.events("/api/call/events?access_token=" + api.agent.token());
      api.send(api.request("/api/call/mode"));
      try (RawClient ann = new RawClient(server.port())) {
        assertThat(ann.upgrade("ann", server.token("ann"))).startsWith("HTTP/1.1 101");
      }
      assertThat(logged)
          .noneMatch(line -> line.contains(api.agent.token().substring(0, 8)))
          .noneMatch(line -> line.contains(server.token("ann").substring(0, 8)));
    } finally {
      root.removeHandler(handler);
      Log.setLevel("info");
      root.setLevel(before);
    }
  }

  @Test
  void theOwnLogIsStillThere() {
    Logger root = Logger.getLogger("");
    Level before = root.getLevel();
    try {
      Log.setLevel("trace");
      assertThat(Logger.getLogger("org.heliograph.agent.x").isLoggable(Level.FINEST)).isTrue();
      assertThat(Logger.getLogger("org.eclipse.jetty.x").isLoggable(Level.INFO)).isTrue();
      assertThat(Logger.getLogger("org.eclipse.jetty.x").isLoggable(Level.FINE)).isFalse();
    } finally {
      Log.setLevel("info");
      root.setLevel(before);
    }
  }
}
