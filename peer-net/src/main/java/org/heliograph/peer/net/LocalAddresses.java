package org.heliograph.peer.net;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/** The addresses of this machine from which another one might be reached. */
final class LocalAddresses {
  /** More addresses than this make more candidates than checks can be made for in time. */
  static final int MAX_ADDRESSES = 16;

  /**
   * Networks between this machine and its own containers and virtual machines: nobody else is
   * there, and browsers leave them out, too. A VPN's interface is none of them.
   */
  private static final Pattern INTERNAL =
      Pattern.compile("(docker|br-|veth|virbr|lxcbr|lxdbr|cni|vmnet|vnic|vboxnet).*");

  private LocalAddresses() {}

  /**
   * Finds them; IPv4 first, loopback last.
   *
   * @param includeLoopback whether loopback addresses are wanted
   * @throws IOException if the interfaces cannot be listed
   */
  static List<InetAddress> find(boolean includeLoopback) throws IOException {
    List<InetAddress> addresses = new ArrayList<>();
    for (NetworkInterface network : NetworkInterface.networkInterfaces().toList()) {
      if (network.isUp()
          && (includeLoopback || !network.isLoopback())
          && !INTERNAL.matcher(network.getName()).matches()) {
        network.inetAddresses().filter(LocalAddresses::isUsable).forEach(addresses::add);
      }
    }
    addresses.sort(
        Comparator.comparing(InetAddress::isLoopbackAddress)
            .thenComparing(address -> !(address instanceof Inet4Address)));
    return List.copyOf(addresses.subList(0, Math.min(addresses.size(), MAX_ADDRESSES)));
  }

  /** A link-local address names no interface, and so the other side could not send to it. */
  private static boolean isUsable(InetAddress address) {
    return !address.isAnyLocalAddress()
        && !address.isMulticastAddress()
        && !address.isLinkLocalAddress();
  }
}
