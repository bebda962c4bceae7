package org.heliograph.agent.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.heliograph.peer.IceServer;
import org.heliograph.peer.IceTransportPolicy;
import org.heliograph.peer.PeerConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ConfigReaderTest {
  @TempDir Path directory;

  private Optional<Path> file(String content) throws IOException {
    return Optional.of(Files.writeString(directory.resolve("config.toml"), content));
  }

  private AgentConfig read(String content) throws Exception {
    return ConfigReader.read(file(content), Map.of(), Map.of());
  }

  private void assertRefused(String content, String... parts) {
    assertThatThrownBy(() -> read(content))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll(parts);
  }

  @Test
  void withoutAnythingTheDefaultsHold() throws Exception {
    AgentConfig config =
        ConfigReader.read(Optional.of(directory.resolve("none.toml")), Map.of(), Map.of());
    assertThat(config).isEqualTo(AgentConfig.defaults());
    assertThat(config.calls().ringTimeout()).isEqualTo(Duration.ofSeconds(45));
    assertThat(config.signaling()).isEqualTo(new AgentConfig.Signaling.Embedded());
    assertThat(config.rendezvous().tls()).isFalse();
    assertThat(config.api().allowedOrigins()).contains("wails://wails", "tauri://localhost");
  }

  @Test
  void theFileIsRead() throws Exception {
    AgentConfig config =
        read(
            """
            [api]
            port = 8710
            [calls]
            ring_timeout_seconds = 20
            [ice]
            servers = ["stun:stun.example.org:3478", "turn:turn.example.org"]
            username = "u"
            credential = "c"
            """);
    assertThat(config.api().port()).isEqualTo(8710);
    assertThat(config.calls().ringTimeout()).isEqualTo(Duration.ofSeconds(20));
    assertThat(config.ice().servers()).hasSize(2);
    assertThat(config.ice().servers().get(0).username()).isEmpty();
    assertThat(config.ice().servers().get(1).username()).isEqualTo("u");
  }

  @Test
  void turnServersGetACredentialForEachCallFromASharedSecret() throws Exception {
    AgentConfig config =
        read(
            """
            [ice]
            servers = ["turns:turn.example.org:443"]
            secret = "north"
            transport_policy = "relay"
            ca_file = "/etc/own.pem"
            """);
    PeerConfiguration configuration = config.ice().toPeerConfiguration(false);
    assertThat(configuration.iceTransportPolicy()).isEqualTo(IceTransportPolicy.RELAY);
    assertThat(configuration.iceCertificateAuthorities()).contains(Path.of("/etc/own.pem"));
    IceServer server = configuration.iceServers().getFirst();
    assertThat(server.username()).matches("[0-9]{10}:heliograph");
    long expiry = Long.parseLong(server.username().split(":", 2)[0]);
    assertThat(Instant.ofEpochSecond(expiry)).isAfter(Instant.now().plusSeconds(3600));
    Mac mac = Mac.getInstance("HmacSHA1");
    mac.init(new SecretKeySpec("north".getBytes(StandardCharsets.UTF_8), "HmacSHA1"));
    assertThat(Base64.getDecoder().decode(server.credential()))
        .isEqualTo(mac.doFinal(server.username().getBytes(StandardCharsets.UTF_8)));
    assertThat(config.toString()).doesNotContain("north").doesNotContain(server.credential());
  }

  @Test
  void turnServerWithoutACredentialIsRefused() {
    assertRefused(
        "[ice]\nservers = [\"turn:a\"]\nusername = \"u\"", "ice.credential", "ice.secret");
    assertRefused(
        "[ice]\nservers = [\"stun:a\"]\ntransport_policy = \"relay\"", "must name a TURN server");
  }

  @Test
  void anOptionGoesBeforeAVariableAndThatBeforeTheFile() throws Exception {
    Optional<Path> file = file("[api]\nport = 1\n[peer]\nname = \"file\"\n[calls]\nmax = 2");
    Map<String, String> environment =
        Map.of("HELIOGRAPH_API_PORT", "3", "HELIOGRAPH_PEER_NAME", "variable", "PATH", "/bin");
    AgentConfig config = ConfigReader.read(file, environment, Map.of(ConfigKey.API_PORT, "4"));
    assertThat(config.api().port()).isEqualTo(4);
    assertThat(config.peerName()).isEqualTo("variable");
    assertThat(config.calls().max()).isEqualTo(2);
  }

  @Test
  void aMistypedKeyIsNamedWithFileLineAndTheNearestRightKey() {
    assertRefused(
        "[api]\n\nprot = 8710\n",
        "config.toml, line 3, column 1",
        "\"api.prot\"",
        "Did you mean \"api.port\"?");
  }

  @Test
  void aMistypedTableIsNamed() {
    assertRefused("[rendevous]\nport = 1\n", "line 1", "Did you mean \"rendezvous\"?");
  }

  @Test
  void aMistypedVariableIsNamed() {
    assertThatThrownBy(
            () -> ConfigReader.read(Optional.empty(), Map.of("HELIOGRAPH_API_PROT", "1"), Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("HELIOGRAPH_API_PROT", "\"HELIOGRAPH_API_PORT\"");
  }

  @Test
  void theLaunchersVariablesAreNotOurs() throws Exception {
    ConfigReader.read(Optional.empty(), Map.of("HELIOGRAPH_JAVA_OPTIONS", "-Xmx1g"), Map.of());
  }

  @Test
  void whatIsNotTomlIsNamedWithItsPlace() {
    assertRefused("[api]\nport = \n", "config.toml, line 2", "not valid TOML");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "api | port = \"x\" | a whole number from 0 to 65535",
        "api | port = 65536 | a whole number from 0 to 65535",
        "api | port = 1.5 | a whole number from 0 to 65535",
        "api | allowed_origins = [\"wails\"] | an origin",
        "api | allowed_origins = [1] | an origin",
        "calls | enabled = \"yes\" | true or false",
        "calls | max = 0 | a whole number from 1 to 1000",
        "signaling | type = \"pigeon\" | one of \"rendezvous\", \"websocket\", \"bridge\"",
        "signaling | url = \"http://x\" | a ws:// or wss:// URL",
        "peer | name = \"\" | a name of 1 to 128 characters",
        "ice | servers = [\"http://x\"] | a stun:, turn: or turns: URL",
        "rendezvous | secret = \"short\" | at least 16 characters",
      })
  void aWrongValueIsNamedWithWhatIsAllowed(String table, String line, String allowed) {
    assertRefused("[" + table + "]\n" + line + "\n", "line 2", table + ".", allowed);
  }

  @Test
  void aSecretIsNotRepeatedInTheMessage() {
    assertThatThrownBy(() -> read("[rendezvous]\nsecret = \"hunter2\""))
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void aWebSocketNeedsItsUrl() {
    assertRefused("[signaling]\ntype = \"websocket\"", "signaling.url");
  }

  @Test
  void aGuestCannotHaveTheAgentsName() {
    assertRefused("[rendezvous]\nguests = [\"agent\"]", "rendezvous.guests", "peer.name");
  }

  @Test
  void anotherAddressThanLoopbackSwitchesTlsOn() throws Exception {
    assertThat(read("[rendezvous]\nlisten = \"0.0.0.0\"").rendezvous().tls()).isTrue();
    assertThat(read("[rendezvous]\ntls = \"always\"").rendezvous().tls()).isTrue();
  }

  @Test
  void loopbackIsUsedWhereTheOtherSideMayBeOnThisMachineOrAsConfigured() throws Exception {
    assertThat(loopback(AgentConfig.defaults())).containsExactly(true, false);
    assertThat(loopback(read("[rendezvous]\nlisten = \"0.0.0.0\""))).containsExactly(true, false);
    assertThat(loopback(read("[ice]\ninclude_loopback = \"false\""))).containsExactly(false, false);
    assertThat(loopback(read("[ice]\ninclude_loopback = \"true\""))).containsExactly(true, true);
  }

  /** For a call whose signalling comes from this machine, and for another. */
  private static List<Boolean> loopback(AgentConfig config) {
    return Stream.of(true, false)
        .map(onThisMachine -> config.ice().toPeerConfiguration(onThisMachine).includeLoopback())
        .toList();
  }

  @Test
  void theDocumentedConfigurationIsOneThatReadsBackTheSame() throws Exception {
    Map<String, String> environment =
        Map.of("HELIOGRAPH_API_PORT", "99", "HELIOGRAPH_ICE_SERVERS", "stun:a:1,stun:b:2");
    String documented = new ConfigSource(Optional.empty(), environment, Map.of()).read().toToml();
    assertThat(read(documented))
        .isEqualTo(ConfigReader.read(Optional.empty(), environment, Map.of()));
  }

  @ParameterizedTest
  @EnumSource(ConfigKey.class)
  void everyKeyIsDocumented(ConfigKey key) throws Exception {
    assertThat(new ConfigSource(Optional.empty(), Map.of(), Map.of()).read().toToml())
        .contains(key.option() + " and " + key.environmentVariable());
  }
}
