package org.heliograph.agent.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.heliograph.agent.Agent;
import org.heliograph.agent.config.ConfigKey;
import org.heliograph.agent.config.ConfigSource;
import org.heliograph.agent.life.Place;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The list of guests in the configuration's file, of an agent that runs. */
class GuestListReloadTest {
  @TempDir Path directory;

  private static String token(String invitation) {
    return URI.create(invitation).getFragment().replaceFirst("token=", "").replaceFirst("&.*", "");
  }

  @Test
  void aGuestWhoIsTakenOffTheListIsOutAndANewOneIsIn() throws Exception {
    Path file = directory.resolve("config.toml");
    Files.writeString(file, "[rendezvous]\nguests = [\"ann\", \"eve\"]\n");
    Path address = directory.resolve("run/agent.json");
    ConfigSource source =
        new ConfigSource(
            Optional.of(file),
            Map.of(),
            Map.of(ConfigKey.MEDIA_CAMERA, "none", ConfigKey.MEDIA_MICROPHONE, "none"));
    try (Agent agent =
        Agent.start(
            source,
            new Agent.Directories(address, directory.resolve("data")),
            Place.take(address))) {
      RendezvousServer server = agent.rendezvous().orElseThrow();
      String token = token(agent.invitations().get("eve"));
      try (RawClient eve = new RawClient(server.port());
          RawClient again = new RawClient(server.port());
          RawClient bob = new RawClient(server.port())) {
        assertThat(eve.upgrade("eve", token)).startsWith("HTTP/1.1 101");
        assertThat(server.rendezvous().awaitName("eve", Duration.ofSeconds(20))).isTrue();
        Files.writeString(file, "[rendezvous]\nguests = [\"ann\", \"bob\"]\n");
        assertThat(agent.reload().path("need_restart")).isEmpty();
        assertThat(eve.closeCode()).isEqualTo(1008);
        assertThat(again.upgrade("eve", token)).startsWith("HTTP/1.1 401");
        assertThat(agent.invitations()).containsOnlyKeys("ann", "bob");
        assertThat(bob.upgrade("bob", token(agent.invitations().get("bob"))))
            .startsWith("HTTP/1.1 101");
      }
    }
  }
}
