package org.heliograph.interop.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.heliograph.interop.network.NetworkLab.Home;
import org.heliograph.interop.network.NetworkLab.Nat;
import org.heliograph.interop.network.NetworkLab.Node;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Two peers, each in a network of its own, find a way to each other, and sound goes both ways. */
@Timeout(120)
class NatTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  @TempDir Path folder;
  private NetworkLab lab;
  private LabTurnServer server;

  @BeforeEach
  void open() {
    lab = new NetworkLab();
    server = new LabTurnServer(lab, folder);
  }

  @AfterEach
  void close() {
    if (lab != null) {
      lab.close();
    }
    if (server != null) {
      server.close();
    }
  }

  /** The types of candidates that the caller's sound goes between. */
  private String pathBetween(Node caller, Node callee, String... servers) throws Exception {
    List<String> urls = List.of(servers).stream().map(server::url).toList();
    try (LabPeer one = new LabPeer(caller, server.certificate(), urls);
        LabPeer two = new LabPeer(callee, server.certificate(), urls)) {
      LabPeer.call(one, two);
      for (LabPeer peer : List.of(one, two)) {
        peer.expectMedia();
        peer.awaitMedia(LIMIT);
      }
      return one.path();
    } catch (AssertionError e) {
      e.addSuppressed(new AssertionError("the server's log:\n" + server.log()));
      throw e;
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Nat.class,
      names = {"FULL_CONE", "PORT_RESTRICTED"})
  void twoConesNeedNoRelay(Nat kind) throws Exception {
    Home here = lab.home(kind, "198.51.100.11");
    Home there = lab.home(kind, "198.51.100.12");
    assertThat(pathBetween(here.host(), there.host(), "stun")).doesNotContain("relay");
  }

  @Test
  void aSymmetricNatReachesAFullConeWithoutARelay() throws Exception {
    Home here = lab.home(Nat.SYMMETRIC, "198.51.100.11");
    Home there = lab.home(Nat.FULL_CONE, "198.51.100.12");
    assertThat(pathBetween(here.host(), there.host(), "stun")).doesNotContain("relay");
  }

  @Test
  void twoSymmetricNatsNeedARelay() throws Exception {
    Home here = lab.home(Nat.SYMMETRIC, "198.51.100.11");
    Home there = lab.home(Nat.SYMMETRIC, "198.51.100.12");
    assertThat(pathBetween(here.host(), there.host(), "udp")).contains("relay");
  }

  @Test
  void twoNatsInARowAreOne() throws Exception {
    Home here = lab.doubleHome(Nat.PORT_RESTRICTED, "198.51.100.11");
    Home there = lab.doubleHome(Nat.PORT_RESTRICTED, "198.51.100.12");
    assertThat(pathBetween(here.host(), there.host(), "stun")).doesNotContain("relay");
  }

  @ParameterizedTest
  @ValueSource(strings = {"tcp", "tls"})
  void withoutUdpTheRelayIsReachedOverTcp(String transport) throws Exception {
    Home here = lab.home(Nat.PORT_RESTRICTED, "198.51.100.11");
    here.router().blockUdp();
    Home there = lab.home(Nat.PORT_RESTRICTED, "198.51.100.12");
    assertThat(pathBetween(here.host(), there.host(), "udp", transport)).startsWith("relay ");
  }

  @Test
  void ipv6AloneIsEnough() throws Exception {
    Node here = lab.host("2001:db8:1::11");
    Node there = lab.host("2001:db8:1::12");
    assertThat(pathBetween(here, there)).isEqualTo("host host");
  }
}
