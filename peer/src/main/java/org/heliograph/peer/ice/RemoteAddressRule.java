package org.heliograph.peer.ice;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/**
 * Which addresses checks may be sent to, and heard from. A description comes from the other side,
 * and could have this side send to whatever listens on this machine or in its network.
 *
 * <p>The ports are libwebrtc's choice: none below 1024, where services are, but 80 and 443 on
 * public addresses, where relays and servers are that are to pass a firewall. An IPv6 address that
 * stands for an IPv4 one is judged as that.
 *
 * <p>From 80 and 443 authentic packets are heard on private addresses, too: who sends from there
 * knows the password, and is no web server that a description points at. libwebrtc hears them from
 * any port. Here the other ports below 1024 stay closed, because a sender is easily made up.
 *
 * @param loopback whether loopback addresses may be
 */
record RemoteAddressRule(boolean loopback) {
  private static final int FIRST_UNPRIVILEGED_PORT = 1024;
  private static final int HTTP = 80;
  private static final int HTTPS = 443;

  /** Why an address that somebody named is not used; empty if it is. */
  Optional<String> refusal(InetSocketAddress remote) {
    return refusal(remote, false);
  }

  /** Whether an authentic packet is heard that came from an address. */
  boolean hears(InetSocketAddress source) {
    return refusal(source, true).isEmpty();
  }

  private Optional<String> refusal(InetSocketAddress remote, boolean heardFrom) {
    InetAddress ip = embedded(remote.getAddress());
    int port = remote.getPort();
    if (port == 0 || isNobodys(ip)) {
      return Optional.of("nothing can be sent to its address");
    }
    if (ip.isLoopbackAddress() && !loopback) {
      return Optional.of("it is this machine's loopback address, which this call does not use");
    }
    boolean web = port == HTTP || port == HTTPS;
    boolean mayBeWeb = heardFrom ? !ip.isLoopbackAddress() : isPublic(ip);
    if (port < FIRST_UNPRIVILEGED_PORT && !(web && mayBeWeb)) {
      return Optional.of(
          "its port is "
              + port
              + "; below 1024 only 80 and 443 are used, and only on public addresses");
    }
    return Optional.empty();
  }

  boolean admits(InetSocketAddress remote) {
    return refusal(remote).isEmpty();
  }

  /** Not one receiver's address: unspecified, of a group, or everybody's (RFC 1122 3.2.1.3). */
  private static boolean isNobodys(InetAddress ip) {
    if (ip.isAnyLocalAddress() || ip.isMulticastAddress()) {
      return true;
    }
    byte[] octets = ip.getAddress();
    boolean thisNetwork = octets[0] == 0;
    boolean broadcast = octets[0] == -1 && octets[1] == -1 && octets[2] == -1 && octets[3] == -1;
    return ip instanceof Inet4Address && (thisNetwork || broadcast);
  }

  /** Whether the address is one of the Internet at large. */
  private static boolean isPublic(InetAddress ip) {
    byte[] octets = ip.getAddress();
    boolean uniqueLocal = ip instanceof Inet6Address && (octets[0] & 0xFE) == 0xFC; // RFC 4193
    boolean shared =
        ip instanceof Inet4Address && octets[0] == 100 && (octets[1] & 0xC0) == 64; // RFC 6598
    return !ip.isLoopbackAddress()
        && !ip.isLinkLocalAddress()
        && !ip.isSiteLocalAddress()
        && !uniqueLocal
        && !shared;
  }

  /**
   * The IPv4 address that an IPv6 one leads to: through a translator (RFC 6052 2.1, RFC 8215), a
   * 6to4 router (RFC 3056), or because it is written so (RFC 4291 2.5.5). Otherwise the address.
   */
  private static InetAddress embedded(InetAddress ip) {
    if (!(ip instanceof Inet6Address) || ip.isLoopbackAddress() || ip.isAnyLocalAddress()) {
      return ip;
    }
    byte[] octets = ip.getAddress();
    boolean nat64 = startsWith(octets, 0x00, 0x64, 0xFF, 0x9B);
    boolean compatible = startsWith(octets, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    if (nat64 || compatible) {
      return ipv4(octets, 12);
    }
    return startsWith(octets, 0x20, 0x02) ? ipv4(octets, 2) : ip;
  }

  private static boolean startsWith(byte[] octets, int... prefix) {
    for (int i = 0; i < prefix.length; i++) {
      if ((octets[i] & 0xFF) != prefix[i]) {
        return false;
      }
    }
    return true;
  }

  private static InetAddress ipv4(byte[] octets, int at) {
    try {
      return InetAddress.getByAddress(
          new byte[] {octets[at], octets[at + 1], octets[at + 2], octets[at + 3]});
    } catch (UnknownHostException e) {
      throw new IllegalStateException("4 octets are an address", e);
    }
  }
}
