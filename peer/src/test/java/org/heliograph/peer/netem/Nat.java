package org.heliograph.peer.netem;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * A NAT box with one public address (behaviours after RFC 4787), which also hairpins. Its mappings
 * live until {@link #rebind()}.
 */
public final class Nat {
  /** How a NAT maps what leaves, and filters what comes. */
  public enum Behaviour {
    /** One public port for each inside socket, open to everyone. */
    FULL_CONE,
    /** One public port for each inside socket, open to the addresses and ports it has sent to. */
    PORT_RESTRICTED,
    /** One public port for each inside socket and remote, open to that remote. */
    SYMMETRIC
  }

  private record MappingKey(InetSocketAddress inside, InetSocketAddress remote) {}

  private record Mapping(InetSocketAddress inside, Set<InetSocketAddress> remotes) {}

  private final NetworkEmulator network;
  private final NetworkEmulator.Segment outside;
  private final NetworkEmulator.Segment inside = new NetworkEmulator.Segment(this);
  private final Behaviour behaviour;
  private final InetAddress publicAddress;
  private final Map<MappingKey, Integer> ports = new HashMap<>();
  private final Map<Integer, Mapping> mappings = new HashMap<>();
  private int nextPort = 20_000;

  Nat(
      NetworkEmulator network,
      NetworkEmulator.Segment outside,
      Behaviour behaviour,
      InetAddress publicAddress) {
    this.network = network;
    this.outside = outside;
    this.behaviour = behaviour;
    this.publicAddress = publicAddress;
    outside.attach(publicAddress, this::arrive);
  }

  /** Adds a host behind this NAT. */
  public Host host(String... addresses) {
    return network.host(inside, addresses);
  }

  /** Adds a NAT behind this one. */
  public Nat nat(Behaviour behaviour, String outerAddress) {
    return network.nat(inside, behaviour, outerAddress);
  }

  /** Forgets every mapping, as a rebooted box does: the next packets get new ports. */
  public void rebind() {
    ports.clear();
    mappings.clear();
  }

  /** A packet from inside, on its way out. */
  void leave(InetSocketAddress from, InetSocketAddress to, ByteBuffer packet) {
    MappingKey key = new MappingKey(from, behaviour == Behaviour.SYMMETRIC ? to : null);
    int port = ports.computeIfAbsent(key, k -> nextPort++);
    mappings.computeIfAbsent(port, p -> new Mapping(from, new HashSet<>())).remotes.add(to);
    outside.route(new InetSocketAddress(publicAddress, port), to, packet);
  }

  private void arrive(InetSocketAddress from, InetSocketAddress to, ByteBuffer packet) {
    Mapping mapping = mappings.get(to.getPort());
    if (mapping != null && (behaviour == Behaviour.FULL_CONE || mapping.remotes.contains(from))) {
      inside.route(from, mapping.inside, packet);
    }
  }
}
