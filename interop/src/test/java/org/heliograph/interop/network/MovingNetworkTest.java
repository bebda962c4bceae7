package org.heliograph.interop.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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

/**
 * The network of one side changes in the middle of a call, and its sound comes again. How long that
 * took is left in {@code target/recovery-times.md}; it is not asserted, for the machine may be
 * busy: {@code IceRecoveryTest} holds the peer to it in virtual time.
 */
@Timeout(120)
class MovingNetworkTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  @TempDir Path folder;
  private NetworkLab lab;
  private LabTurnServer server;
  private LabPeer caller;
  private LabPeer callee;

  @BeforeEach
  void open() {
    lab = new NetworkLab();
    server = new LabTurnServer(lab, folder);
  }

  @AfterEach
  void close() {
    for (AutoCloseable one : new AutoCloseable[] {caller, callee, server, lab}) {
      try {
        if (one != null) {
          one.close();
        }
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
  }

  private void call(Node from, Node to, String... servers) throws IOException {
    List<String> urls = List.of(servers).stream().map(server::url).toList();
    caller = new LabPeer(from, server.certificate(), urls);
    callee = new LabPeer(to, server.certificate(), urls);
    LabPeer.call(caller, callee);
    awaitMediaBothWays();
  }

  private void awaitMediaBothWays() {
    caller.expectMedia();
    callee.expectMedia();
    caller.awaitMedia(LIMIT);
    callee.awaitMedia(LIMIT);
  }

  /** Changes the network, and awaits what is sent after that on both sides. */
  private void soundComesAgainAfter(String change, Runnable step) throws IOException {
    long start = System.nanoTime();
    step.run();
    caller.expectMedia();
    callee.expectMedia();
    long again = Math.max(caller.awaitMedia(LIMIT), callee.awaitMedia(LIMIT));
    Files.createDirectories(Path.of("target"));
    Files.writeString(
        Path.of("target", "recovery-times.md"),
        "| " + change + " | " + (again - start) / 1_000_000 + " |\n",
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
    assertThat(caller.states()).doesNotContain("FAILED");
    assertThat(callee.states()).doesNotContain("FAILED");
  }

  @Test
  void anotherAddressTakesThePlaceOfTheOnlyOne() throws Exception {
    Node here = lab.host("198.51.100.21");
    call(here, lab.host("198.51.100.22"));
    soundComesAgainAfter(
        "the only address goes, another one comes",
        () -> {
          here.run("ip addr del 198.51.100.21/24 dev eth0");
          lab.address(here, "eth0", "198.51.100.31");
        });
  }

  @Test
  void anotherAddressIsFoundOutBehindTheOthersNat() throws Exception {
    Node here = lab.host("198.51.100.21");
    Home there = lab.home(Nat.PORT_RESTRICTED, "198.51.100.12");
    call(here, there.host(), "stun");
    soundComesAgainAfter(
        "the same, the other side behind a port-restricted NAT",
        () -> {
          here.run("ip addr del 198.51.100.21/24 dev eth0");
          lab.address(here, "eth0", "198.51.100.31");
        });
  }

  @Test
  void anInterfaceThatGoesDownLeavesTheCallToAnother() throws Exception {
    Node here = lab.host("198.51.100.21");
    lab.plug(here, "eth1");
    lab.address(here, "eth1", "2001:db8:1::21");
    Node there = lab.host("198.51.100.22");
    lab.address(there, "eth0", "2001:db8:1::22");
    call(here, there);
    soundComesAgainAfter(
        "its interface goes down, it has another one", () -> here.run("ip link set eth0 down"));
  }

  @Test
  void theOnlyInterfaceGoesDownAndComesUpAgain() throws Exception {
    Node here = lab.host("198.51.100.21");
    call(here, lab.host("198.51.100.22"));
    soundComesAgainAfter(
        "the only interface is down until the connection is told so, and comes up",
        () -> {
          here.run("ip link set eth0 down");
          caller.awaitState("DISCONNECTED");
          here.run("ip link set eth0 up");
        });
  }

  @Test
  void aNatThatRebindsIsFollowed() throws Exception {
    Home here = lab.home(Nat.PORT_RESTRICTED, "198.51.100.11");
    call(here.host(), lab.host("198.51.100.22"), "stun");
    soundComesAgainAfter("its NAT rebinds", () -> here.rebind("198.51.100.41"));
  }

  @Test
  void aNatThatRebindsIsFollowedBehindTheOthersNat() throws Exception {
    Home here = lab.home(Nat.PORT_RESTRICTED, "198.51.100.11");
    Home there = lab.home(Nat.PORT_RESTRICTED, "198.51.100.12");
    call(here.host(), there.host(), "stun");
    soundComesAgainAfter(
        "its NAT rebinds, the other side behind a port-restricted NAT",
        () -> here.rebind("198.51.100.41"));
  }

  @Test
  void aSymmetricNatThatRebindsIsFollowedOnTheRelay() throws Exception {
    Home here = lab.home(Nat.SYMMETRIC, "198.51.100.11");
    Home there = lab.home(Nat.SYMMETRIC, "198.51.100.12");
    call(here.host(), there.host(), "udp");
    soundComesAgainAfter(
        "its NAT rebinds, both symmetric, over a relay", () -> here.rebind("198.51.100.41"));
  }

  @Test
  void aRestartFromEitherSideInterruptsNothing() throws Exception {
    call(lab.host("198.51.100.21"), lab.host("198.51.100.22"));
    caller.restart();
    awaitMediaBothWays();
    callee.restart();
    awaitMediaBothWays();
    assertThat(caller.states()).doesNotContain("DISCONNECTED", "FAILED");
  }
}
