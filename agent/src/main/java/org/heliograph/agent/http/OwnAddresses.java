package org.heliograph.agent.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The addresses under which this machine can be reached, as they stand in a link. */
final class OwnAddresses {
  /** Not this network's, and nobody's (RFC 5737, RFC 3849): so the default route leads there. */
  private static final InetAddress ELSEWHERE = InetAddress.ofLiteral("198.51.100.1");

  private static final InetAddress ELSEWHERE_6 = InetAddress.ofLiteral("2001:db8::1");

  private OwnAddresses() {}

  /** An address without a zone, which means something on this machine only (RFC 4007 11). */
  static String text(InetAddress address) {
    String text = address.getHostAddress();
    int zone = text.indexOf('%');
    return zone < 0 ? text : text.substring(0, zone);
  }

  /** Every one but those of a link. */
  static Set<String> all() throws IOException {
    Set<String> all = new TreeSet<>();
    NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .filter(each -> !each.isLinkLocalAddress())
        .forEach(each -> all.add(text(each)));
    return all;
  }

  /**
   * The one from which the default route leaves; others know no way to a bridge of this machine.
   */
  static String ofDefaultRoute() throws IOException {
    Optional<InetAddress> routed = fromHere(ELSEWHERE).or(() -> fromHere(ELSEWHERE_6));
    return text(routed.or(OwnAddresses::ofAnInterface).orElse(InetAddress.getLoopbackAddress()));
  }

  /** The address that packets to another would have; none is sent. */
  private static Optional<InetAddress> fromHere(InetAddress elsewhere) {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(new InetSocketAddress(elsewhere, 9));
      return Optional.of(socket.getLocalAddress())
          .filter(each -> !each.isAnyLocalAddress() && !each.isLoopbackAddress());
    } catch (IOException | UncheckedIOException noRoute) {
      return Optional.empty();
    }
  }

  /** Without a default route: the first of an interface that is up. */
  private static Optional<InetAddress> ofAnInterface() {
    try {
      for (NetworkInterface network : NetworkInterface.networkInterfaces().toList()) {
        if (network.isUp() && !network.isLoopback()) {
          Optional<InetAddress> found =
              network.inetAddresses().filter(Inet4Address.class::isInstance).findFirst();
          if (found.isPresent()) {
            return found;
          }
        }
      }
    } catch (IOException unknown) {
      // As if there were none.
    }
    return Optional.empty();
  }
}
