package org.heliograph.agent.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OwnAddressesTest {
  @Test
  void anAddressHasNoZone() throws Exception {
    assertThat(OwnAddresses.text(InetAddress.ofLiteral("fe80::1%1")))
        .isEqualTo("fe80:0:0:0:0:0:0:1");
    assertThat(OwnAddresses.all()).contains("127.0.0.1").noneMatch(each -> each.contains("%"));
  }

  /** proc_pid_net(5): the route to 0.0.0.0 with the lowest metric. */
  @Test
  void theAddressInALinkIsOfTheInterfaceThatTheDefaultRouteLeavesBy() throws Exception {
    Optional<String> name =
        Files.readAllLines(Path.of("/proc/net/route")).stream()
            .map(line -> line.split("\\s+"))
            .filter(route -> route.length > 6 && route[1].equals("00000000"))
            .min(Comparator.comparingInt(route -> Integer.parseInt(route[6])))
            .map(route -> route[0]);
    assumeTrue(name.isPresent(), "there is no default route");
    assertThat(
            NetworkInterface.getByName(name.get()).inetAddresses().map(InetAddress::getHostAddress))
        .contains(OwnAddresses.ofDefaultRoute());
  }
}
