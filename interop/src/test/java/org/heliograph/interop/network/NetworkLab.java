package org.heliograph.interop.network;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.heliograph.interop.lab.Subprocess;

/**
 * An internet of network namespaces: one node that all public addresses meet at, NAT routers, and
 * hosts.
 *
 * <p>The namespaces have no names. Each lives as long as a program in it, {@code cat}, which ends
 * when this program's end of its pipe is closed: by {@link #close}, or by the kernel when this
 * program dies. The links between them are made inside, so nothing is ever to be seen, or left
 * behind, outside. Where this program is not root, all of it happens in a user namespace.
 */
final class NetworkLab implements AutoCloseable {
  /** The address of the internet's own node, where servers may run. */
  static final String SERVER = "198.51.100.1";

  static final String SERVER6 = "2001:db8:1::1";

  private static final Duration LIMIT = Duration.ofSeconds(20);

  /** How a NAT router maps what leaves and filters what comes (RFC 4787). */
  enum Nat {
    /** A port stays the same towards everybody, and everybody may send to it. */
    FULL_CONE,
    /** A port stays the same, but only those who were sent to may send to it. */
    PORT_RESTRICTED,
    /** Each remote address and port sees another port. */
    SYMMETRIC
  }

  /** One namespace. */
  final class Node {
    private final Subprocess holder;

    private Node(List<String> prefix) {
      List<String> command = new ArrayList<>(prefix);
      command.addAll(List.of("unshare", "--net", "sh", "-c", "echo up && exec cat"));
      holder = Subprocess.start(Map.of(), command);
      opened.add(holder);
      holder.awaitLine("up"::equals, LIMIT);
    }

    /** What a command is to be preceded by to run here. */
    List<String> prefix() {
      List<String> prefix = new ArrayList<>(List.of("nsenter", "--target=" + pid(), "--net"));
      if (!root) {
        prefix.addAll(List.of("--user", "--preserve-credentials"));
      }
      return prefix;
    }

    private String pid() {
      return Long.toString(holder.pid());
    }

    /** Runs a command, given as one line, to its end. */
    void run(String line) {
      List<String> command = prefix();
      command.addAll(Arrays.asList(line.split(" ")));
      Subprocess.run(Map.of(), command, LIMIT);
    }

    /** Replaces the rules of the packet filter. */
    private void filter(String rules) {
      List<String> command = prefix();
      command.addAll(List.of("nft", "flush ruleset\n" + rules));
      Subprocess.run(Map.of(), command, LIMIT);
    }

    /** Refuses all UDP that would leave for another network. */
    void blockUdp() {
      filter(
          """
          table inet filter {
            chain forward {
              type filter hook forward priority 0;
              meta l4proto udp drop
            }
          }
          """
              + nat);
    }

    private String nat = "";

    /**
     * Maps what leaves for outside to an address, as a kind of NAT does. What nobody asked for is
     * dropped, as by every router: otherwise it would take the port that its answer needs.
     */
    private void translate(Nat kind, String address, String inside) {
      String snat =
          switch (kind) {
            case FULL_CONE, PORT_RESTRICTED -> "snat to " + address;
            case SYMMETRIC -> "snat to " + address + ":20000-60000 fully-random";
          };
      nat =
          """
          table ip nat {
            chain in {
              type nat hook prerouting priority -100;
              %s
            }
            chain out {
              type nat hook postrouting priority 100;
              oifname wan meta l4proto udp %s
              oifname wan snat to %s
            }
          }
          table ip firewall {
            chain in {
              type filter hook input priority 0;
              iifname wan drop
            }
          }
          """
              .formatted(
                  kind == Nat.FULL_CONE ? "iifname wan udp dport > 1023 dnat to " + inside : "",
                  snat,
                  address);
      filter(nat);
    }
  }

  /** A NAT router and the one host behind it. */
  static final class Home {
    private final Node router;
    private final Node host;
    private final Nat kind;
    private final String inside;

    private Home(Node router, Node host, Nat kind, String inside) {
      this.router = router;
      this.host = host;
      this.kind = kind;
      this.inside = inside;
    }

    Node router() {
      return router;
    }

    Node host() {
      return host;
    }

    /** Gives the router another public address and forgets every mapping, as a new lease does. */
    void rebind(String newAddress) {
      router.run("ip addr add " + newAddress + "/24 dev wan");
      router.translate(kind, newAddress, inside);
      router.run("conntrack --flush");
    }
  }

  private final List<AutoCloseable> opened = new ArrayList<>();
  private final boolean root = isRoot();
  private final Node internet;
  private int links;

  /** Builds the internet's node, or skips the test where the machine forbids namespaces. */
  NetworkLab() {
    assumeThat(whyForbidden()).as("why this machine forbids network namespaces").isEmpty();
    internet =
        new Node(root ? List.of() : List.of("unshare", "--user", "--map-root-user", "--keep-caps"));
    internet.run("ip link set lo up");
    internet.run("ip link add exchange type bridge");
    internet.run("ip addr add " + SERVER + "/24 dev exchange");
    internet.run("ip -6 addr add " + SERVER6 + "/64 dev exchange nodad");
    internet.run("ip link set exchange up");
    // What is sent to addresses that nobody has disappears, as on the real one: a server that is
    // told at once that there is no route ends the session.
    internet.run("ip link add void type veth peer name beyond");
    internet.run("ip link set void arp off up");
    internet.run("ip link set beyond up");
    internet.run("ip route add default dev void");
  }

  private static boolean isRoot() {
    try {
      return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    } catch (IOException e) {
      throw new AssertionError("/proc is not mounted", e);
    }
  }

  /** The machine's own words, or nothing where it allows them. */
  private static String whyForbidden() {
    List<String> trial = new ArrayList<>(List.of("unshare", "--net"));
    if (!isRoot()) {
      trial.addAll(List.of("--user", "--map-root-user"));
    }
    trial.addAll(List.of("ip", "link", "add", "trial", "type", "veth"));
    try (Subprocess program = Subprocess.start(Map.of(), trial)) {
      return program.awaitExit(LIMIT) == 0 ? "" : program.output();
    }
  }

  /** Where servers may run. */
  Node internet() {
    return internet;
  }

  private Node node() {
    Node node = new Node(root ? List.of() : internet.prefix());
    node.run("ip link set lo up");
    return node;
  }

  /** Plugs an interface of a node into the internet. */
  void plug(Node node, String name) {
    String port = "port" + ++links;
    internet.run("ip link add " + port + " type veth peer name " + name + " netns " + node.pid());
    internet.run("ip link set " + port + " master exchange up");
    node.run("ip link set " + name + " up");
  }

  /** A host with one public address, 198.51.100.0/24 or 2001:db8:1::/64. */
  Node host(String address) {
    Node host = node();
    plug(host, "eth0");
    address(host, "eth0", address);
    return host;
  }

  /** Gives an interface an address of the internet. */
  void address(Node node, String name, String address) {
    boolean six = address.contains(":");
    node.run(
        six
            ? "ip -6 addr add " + address + "/64 dev " + name + " nodad"
            : "ip addr add " + address + "/24 dev " + name);
  }

  /** A router with a public address, and a host behind it. */
  Home home(Nat kind, String publicAddress) {
    Node router = node();
    plug(router, "wan");
    router.run("ip addr add " + publicAddress + "/24 dev wan");
    router.run("ip route add default via " + SERVER);
    return behind(router, kind, publicAddress, "10.0.0");
  }

  /** A host behind two NATs of one kind. */
  Home doubleHome(Nat kind, String publicAddress) {
    Home outer = home(kind, publicAddress);
    Node inner = outer.host();
    inner.run("ip link set eth0 down");
    inner.run("ip link set eth0 name wan");
    inner.run("ip link set wan up");
    inner.run("ip route add default via 10.0.0.1");
    return behind(inner, kind, "10.0.0.2", "10.0.1");
  }

  private Home behind(Node router, Nat kind, String outside, String network) {
    Node host = node();
    router.run("ip link add lan type veth peer name eth0 netns " + host.pid());
    router.run("ip addr add " + network + ".1/24 dev lan");
    router.run("ip link set lan up");
    router.run("sysctl -qw net.ipv4.ip_forward=1");
    host.run("ip addr add " + network + ".2/24 dev eth0");
    host.run("ip link set eth0 up");
    host.run("ip route add default via " + network + ".1");
    router.translate(kind, outside, network + ".2");
    return new Home(router, host, kind, network + ".2");
  }

  @Override
  public void close() {
    for (AutoCloseable one : opened.reversed()) {
      try {
        one.close();
      } catch (Exception e) {
        throw new AssertionError("the lab cannot be taken down", e);
      }
    }
  }
}
